#!/usr/bin/env python
import os
import sys

from django.core.management import execute_from_command_line

from annotator.config.env import refusing

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.config.settings")
    with refusing():
        execute_from_command_line(sys.argv)
