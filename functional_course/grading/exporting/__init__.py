"""The gradebook as tables for other systems, and the tables of students that those systems export."""
