"""Template filters of the pages."""

from django import template

from .languages import foreign

register = template.Library()
register.filter("foreign", foreign)
