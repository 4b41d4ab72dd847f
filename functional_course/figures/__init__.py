"""What the course shows as pictures, each as SVG, as PNG and in words: plots, sheets of faces, panels side by side."""

from functional_course.figures.panels import Panels
from functional_course.figures.pictures import Picture
from functional_course.figures.sheets import sheet

__all__ = ["Panels", "Picture", "sheet"]
