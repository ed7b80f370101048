"""Amazon Comprehend's custom classification on this machine, answered by a true classifier, if not by Amazon's."""

from localcloud.comprehend.service import Comprehend

__all__ = ["Comprehend"]
