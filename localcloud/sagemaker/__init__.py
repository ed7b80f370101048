"""Amazon SageMaker on this machine: training jobs, models, endpoints and their invocations as real processes."""

from localcloud.sagemaker.service import SageMaker

__all__ = ["SageMaker"]
