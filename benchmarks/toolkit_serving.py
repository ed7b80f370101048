"""What `bench_serve.py --toolkit VENV` measures against: Hugging Face's SageMaker toolkit, as its images start it.

    VENV/bin/python benchmarks/toolkit_serving.py FOLDER

The environment of its own (it wants transformers 4 and numpy 1) is made by

    uv venv VENV --python 3.11
    uv pip install --python VENV/bin/python sagemaker-huggingface-inference-toolkit==2.6.0 multi-model-server==1.1.11 \
        torch==2.13.0 "transformers<5" "setuptools<81"

and needs Java. Its configuration goes to FOLDER instead of /etc, which is another user's.
"""

import os
import sys
from pathlib import Path


def main(folder: Path) -> None:
    # multi-model-server starts its workers with the python of the PATH.
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    os.environ |= {"LOG_LOCATION": str(folder), "METRICS_LOCATION": str(folder), "TEMP": str(folder)}
    from sagemaker_huggingface_inference_toolkit import mms_model_server, serving
    from sagemaker_inference import model_server

    configuration = str(folder / "sagemaker-mms.properties")
    model_server.MMS_CONFIG_FILE = mms_model_server.MMS_CONFIG_FILE = configuration
    serving.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
