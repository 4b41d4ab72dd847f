"""To and fro between a course and a learning management system: what Canvas and Moodle give out and take back.

Hand-ins. Both put everybody's files of one assignment into an archive, where the names alone say who handed in what.
Canvas: ``doejane_12_345_build.ipynb``, where 12 is the user and 345 the file, with ``_LATE`` after the name of who was
late; of a group, the name and the number of one member; of a text that was typed in, ``doejane_12_text.html``. See
https://github.com/instructure/canvas-lms/blob/master/lib/content_zipper.rb.
Moodle: ``Jane Doe_678_assignsubmission_file/build.ipynb``, or the same in one name without folders, where 678 is a
number that the user has in this one assignment and nowhere else; of a group, the group's name and number, or, of those
in no group, a name alone. See
https://github.com/moodle/moodle/blob/main/public/mod/assign/classes/downloader.php.

Feedback. Moodle takes an archive with the same names and gives each file to whom the number belongs, see
https://github.com/moodle/moodle/blob/main/public/mod/assign/feedback/file/importziplib.php. Canvas takes one too, but
calls each file what the file was called that was handed in, so a page would reach its learner as ``build.ipynb``.

Grades are :mod:`functional_course.grading.exporting.export`'s.

``nbgrader zip_collect`` knows one way of naming, by a regular expression that the teacher writes, has no table that
says who Moodle's 678 is, and unpacks archives that learners handed in, however large, so it isn't used here.
"""
