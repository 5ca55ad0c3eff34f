"""Components of pages, drawn as safe HTML; templates reach them by the tags of `templatetags/roadworthy.py`."""
