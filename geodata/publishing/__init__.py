"""What the public zone may hold, and how it gets there: one signed package from the internal side, tickets back."""
