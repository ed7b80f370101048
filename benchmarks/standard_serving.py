"""What `bench_serve.py` measures against: FastAPI around a transformers pipeline, as the tutorials write it.

MODEL_FOLDER=... uvicorn benchmarks.standard_serving:app
"""

import os
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from transformers import pipeline

app = FastAPI()
classify = pipeline("text-classification", model=os.environ["MODEL_FOLDER"])


class Question(BaseModel):
    text: str


@app.get("/ping")
def ping() -> dict[str, str]:
    return {"status": "ok"}


# Not async: FastAPI then runs it in its thread pool, so that /ping answers while the model computes.
@app.post("/invocations")
def invocations(question: Question) -> Any:
    return classify(question.text)
