"""A teacher's own course folder: which of the course's exercises it uses, and chapters of the teacher's own.

Nothing here imports Keras.
"""
