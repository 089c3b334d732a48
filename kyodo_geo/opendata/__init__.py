"""Open data in the layouts in which Japanese municipalities publish (デジタル庁 自治体標準オープンデータセット)."""
