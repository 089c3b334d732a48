"""「この施設を閉じる」: one facility, one year, one sheet of A4; the same sections on the page."""
