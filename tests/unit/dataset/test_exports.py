"""The export formats of annotation tools, as the tools write them."""

import json

import pytest

from tests.unit.dataset.samples import HOW_ARE_YOU, WHO_IS, json_lines, json_list, refusal, rows
from trieur.dataset import read_dataset

LABELS = [row["label"] for row in rows()]
TEXTS = [row["text"] for row in rows()]


def is_read_whole(data, form, **settings):
    dataset = read_dataset(data, "export", **settings)
    assert dataset.format == form
    assert dataset.texts == TEXTS
    assert [names[0] for names in dataset.labels] == LABELS
    return dataset


class TestRasa:
    @staticmethod
    def export(examples, **more):
        return json.dumps({"rasa_nlu_data": {"common_examples": examples, **more}}, indent=2).encode()

    def test_common_examples_are_read(self):
        examples = [
            {"text": text, "intent": label, "entities": [{"start": 0, "end": 1, "value": "Q", "entity": "e"}]}
            for text, label in zip(TEXTS, LABELS, strict=True)
        ]
        beside = {
            "regex_features": [{"name": "zip", "pattern": "[0-9]{5}"}],
            "lookup_tables": [{"name": "city", "elements": ["Lyon"]}],
            "entity_synonyms": [{"value": "x", "synonyms": ["y"]}],
        }
        is_read_whole(self.export(examples), "rasa")
        is_read_whole(self.export(examples, **beside), "rasa")
        turned = {"rasa_nlu_data": {**beside, "common_examples": examples}}
        is_read_whole(json.dumps(turned).encode(), "rasa")

    def test_an_example_without_intent_is_refused(self):
        examples = rows(label="intent")
        del examples[5]["intent"]
        assert "xample 6 has no" in refusal(self.export(examples))

    def test_examples_in_two_lists_are_refused(self):
        sentence = refusal(self.export(rows(label="intent"), intent_examples=rows(label="intent")))
        assert "intent_examples" in sentence


class TestDoccano:
    @staticmethod
    def examples(text="text", label="label", **more):
        return [
            {"id": number, text: sentence, label: [name], **more}
            for number, (sentence, name) in enumerate(zip(TEXTS, LABELS, strict=True), 1)
        ]

    @pytest.mark.parametrize(
        "examples",
        [
            pytest.param(examples(Comments=[]), id="current"),
            pytest.param(examples(text="data"), id="1.5"),
            pytest.param(examples(label="labels", meta={}, annotation_approver=None), id="1.0 text labels"),
            pytest.param(examples(label="cats", entities=[[0, 3, "X"]]), id="intents and slots"),
        ],
    )
    def test_every_version_is_read(self, examples):
        for form in (json_lines, json_list):
            dataset = is_read_whole(form(examples), "doccano")
            assert dataset.mode == "multi-class"
            (warning,) = dataset.warnings
            assert "exactly one" in warning

    def test_several_labels_are_multi_label(self):
        examples = self.examples()
        examples[3]["label"] = ["WHO_IS", "HOW_ARE_YOU"]
        dataset = read_dataset(json_lines(examples), "a")
        assert dataset.mode == "multi-label"
        assert dataset.labels[3] == ("HOW_ARE_YOU", "WHO_IS")

    def test_what_nobody_labelled_is_left_out_with_a_warning(self):
        examples = [{"id": 0, "text": "Rien", "label": []}, *self.examples(), {"id": 99, "text": "Ni là", "label": []}]
        dataset = is_read_whole(json_lines(examples), "doccano")
        assert dataset.warnings[0] == "2 rows left out (no label yet): lines 1 and 26."

    def test_label_numbers_without_names_are_refused(self):
        examples = [
            {"id": 1, "text": "a", "annotations": [{"label": 1, "user": 1}], "meta": {}, "annotation_approver": None}
        ]
        assert "Line 1 holds doccano's label numbers" in refusal(json_lines(examples * 2))

    def test_spans_are_refused(self):
        examples = [{**row, "label": [[0, 3, "X"]]} for row in self.examples()]
        assert "Line 1 has a list for a label" in refusal(json_lines(examples))

    def test_missing_keys_are_refused(self):
        examples = self.examples()
        del examples[4]["label"]
        assert 'Line 5 has no "label"' in refusal(json_lines(examples))


class TestProdigy:
    @staticmethod
    def binary():
        return [
            {
                "text": text,
                "_input_hash": number,
                "_task_hash": -number,
                "label": label,
                "spans": [],
                "answer": "accept",
            }
            for number, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
        ]

    @staticmethod
    def choices():
        options = [{"id": name, "text": name} for name in ("WHO_IS", "HOW_ARE_YOU")]
        return [
            {
                "text": text,
                "options": options,
                "accept": [label],
                "answer": "accept",
                "_view_id": "choice",
                "config": {"choice_style": "single"},
            }
            for text, label in zip(TEXTS, LABELS, strict=True)
        ]

    def test_one_label_a_task(self):
        assert is_read_whole(json_lines(self.binary()), "prodigy").warnings == []

    def test_choices(self):
        assert is_read_whole(json_lines(self.choices()), "prodigy").mode == "multi-class"
        several = self.choices()
        several[0]["accept"] = ["WHO_IS", "HOW_ARE_YOU"]
        dataset = read_dataset(json_lines(several), "a")
        assert (dataset.mode, dataset.labels[0]) == ("multi-label", ("HOW_ARE_YOU", "WHO_IS"))

    def test_numbered_options_have_the_names_people_read(self):
        tasks = self.choices()
        for task in tasks:
            task["options"] = [{"id": 1, "text": "WHO_IS"}, {"id": 2, "text": "HOW_ARE_YOU"}]
            task["accept"] = [1 if task["accept"] == ["WHO_IS"] else 2]
        is_read_whole(json_lines(tasks), "prodigy")

    def test_cats(self):
        tasks = [
            {"text": text, "cats": {"WHO_IS": float(label == "WHO_IS"), "HOW_ARE_YOU": int(label != "WHO_IS")}}
            for text, label in zip(TEXTS, LABELS, strict=True)
        ]
        is_read_whole(json_lines(tasks), "prodigy")
        tasks[5]["cats"]["WHO_IS"] = 0.7
        assert "Line 6 gives" in refusal(json_lines(tasks))

    def test_only_accepted_answers_are_examples(self):
        other = [
            {"text": f"refusé {answer}", "label": "WHO_IS", "answer": answer, "_task_hash": 1}
            for answer in ("reject", "ignore")
        ]
        dataset = is_read_whole(json_lines([*other, *self.binary()]), "prodigy")
        assert dataset.warnings == ["2 rows left out (answer reject or ignore): lines 1 and 2."]

    def test_an_accepted_task_without_choice_is_left_out(self):
        dataset = is_read_whole(
            json_lines([{**self.choices()[0], "text": "Aucune", "accept": []}, *self.choices()]), "prodigy"
        )
        assert "(no option accepted): line 1" in dataset.warnings[0]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"answer": "maybe"}, '"maybe"'),
            ({"answer": None}, "null"),
            ({"answer": ["accept"]}, "list"),
            ({"answer": ...}, '"answer"'),
            ({"label": ...}, "no label"),
            ({"label": None}, "null"),
            ({"text": ...}, '"text"'),
            ({"accept": "WHO_IS"}, '"accept"'),
        ],
    )
    def test_other_tasks_are_refused(self, change, named):
        tasks = self.binary()
        for key, value in change.items():
            if value is ...:
                del tasks[6][key]
            else:
                tasks[6][key] = value
        sentence = refusal(json_lines(tasks))
        assert sentence.startswith("Line 7 ")
        assert named in sentence

    def test_options_that_are_no_list_are_refused(self):
        tasks = self.choices()
        tasks[2]["options"] = 5
        assert refusal(json_lines(tasks)) == 'Line 3 has 5 under "options", where Prodigy writes a list.'

    def test_nothing_accepted_is_refused(self):
        tasks = [{**task, "answer": "reject"} for task in self.binary()]
        assert "24 rows left out" in refusal(json_lines(tasks))

    def test_questions_and_answers_are_not_taken_for_prodigy(self):
        examples = [
            {"question": text, "answer": "accept", "label": label} for text, label in zip(TEXTS, LABELS, strict=True)
        ]
        is_read_whole(json_lines(examples), "jsonl")


def choice(*names, question="sentiment"):
    return {"value": {"choices": list(names)}, "id": "x1", "from_name": question, "to_name": "text", "type": "choices"}


def annotation(*results, **more):
    return {"id": 7, "completed_by": 1, "result": list(results), "was_cancelled": False, "ground_truth": False, **more}


class TestLabelStudio:
    @staticmethod
    def tasks(annotations="annotations", text="text"):
        return [
            {
                "id": number,
                annotations: [annotation(choice(label))],
                "predictions": [],
                "data": {text: sentence, "n": 1},
                "meta": {},
                "project": 3,
            }
            for number, (sentence, label) in enumerate(zip(TEXTS, LABELS, strict=True), 100)
        ]

    @pytest.mark.parametrize("tasks", [tasks(), tasks(annotations="completions"), tasks(text="comment")])
    def test_choices_are_read(self, tasks):
        dataset = is_read_whole(json_list(tasks), "label-studio")
        assert dataset.mode == "multi-class"

    def test_several_choices_are_multi_label(self):
        tasks = self.tasks()
        tasks[0]["annotations"] = [annotation(choice("WHO_IS", "HOW_ARE_YOU"))]
        tasks[1]["annotations"] = [annotation(choice("WHO_IS"), choice("HOW_ARE_YOU"))]
        dataset = read_dataset(json_list(tasks), "a")
        assert dataset.mode == "multi-label"
        assert dataset.labels[:2] == [("HOW_ARE_YOU", "WHO_IS")] * 2

    def test_annotators_who_agree_count_once(self):
        tasks = self.tasks()
        tasks[0]["annotations"] *= 3
        assert len(is_read_whole(json_list(tasks), "label-studio").warnings) == 1

    def test_annotators_who_disagree_contradict(self):
        tasks = self.tasks()
        tasks[0]["annotations"] = [annotation(choice("WHO_IS")), annotation(choice("HOW_ARE_YOU"))]
        dataset = read_dataset(json_list(tasks), "a")
        assert TEXTS[0] not in dataset.texts
        assert '"WHO_IS" (example 1) and "HOW_ARE_YOU" (example 1)' in dataset.warnings[-1]

    def test_cancelled_missing_and_empty_annotations_are_left_out_with_warnings(self):
        blank = self.tasks()[0]
        tasks = [
            {**blank, "annotations": [annotation(choice("WHO_IS"), was_cancelled=True)]},
            {**blank, "annotations": []},
            {**blank, "annotations": [annotation()]},
            *self.tasks(),
        ]
        tasks[3]["annotations"].append(annotation(choice("HOW_ARE_YOU"), was_cancelled=True))
        dataset = is_read_whole(json_list(tasks), "label-studio")
        assert dataset.warnings[:3] == [
            "1 row left out (annotation cancelled): example 1.",
            "1 row left out (no annotation yet): example 2.",
            "1 row left out (no choice in the annotation): example 3.",
        ]

    def test_answers_to_two_questions_are_refused(self):
        tasks = self.tasks()
        tasks[4]["annotations"] = [annotation(choice("WHO_IS"), choice("x", question="topic"))]
        sentence = refusal(json_list(tasks))
        assert "Example 5 " in sentence
        assert '"topic"' in sentence
        assert '"sentiment"' in sentence

    def test_a_result_that_is_no_list_is_refused(self):
        tasks = self.tasks()
        tasks[2]["annotations"][0]["result"] = 5
        assert refusal(json_list(tasks)) == 'Example 3 has 5 under "result", where Label Studio writes a list.'

    def test_no_choice_at_all_is_refused(self):
        tasks = self.tasks()
        for task in tasks:
            task["annotations"][0]["result"] = [{"type": "labels", "value": {"start": 0, "end": 1, "labels": ["X"]}}]
        assert "no choice in the annotation" in refusal(json_list(tasks))

    def test_data_without_one_text_is_refused(self):
        tasks = self.tasks()
        for task in tasks:
            task["data"] = {"left": "a", "right": "b"}
        assert '"right"' in refusal(json_list(tasks))
        assert '"text"' in refusal(json_list([*self.tasks(), *tasks]))


class TestLabelStudioMin:
    @staticmethod
    def answers(question="sentiment"):
        return [
            {
                "text": text,
                "source": "web",
                "id": number,
                question: label,
                "annotator": 1,
                "annotation_id": 9,
                "created_at": "2024-01-01T00:00:00Z",
                "updated_at": "2024-01-01T00:00:00Z",
                "lead_time": 1.5,
            }
            for number, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
        ]

    @pytest.mark.parametrize("question", ["sentiment", "label", "my question"])
    def test_the_answer_is_found_under_the_name_of_the_question(self, question):
        (warning,) = is_read_whole(json_list(self.answers(question)), "label-studio-min").warnings
        assert "exactly one" in warning

    def test_choices_are_read(self):
        answers = self.answers()
        answers[0]["sentiment"] = {"choices": ["WHO_IS", "HOW_ARE_YOU"]}
        for answer in answers[1:]:
            answer["sentiment"] = {"choices": [answer["sentiment"]]}
        dataset = read_dataset(json_list(answers), "a")
        assert dataset.mode == "multi-label"
        assert dataset.labels[0] == ("HOW_ARE_YOU", "WHO_IS")

    def test_one_choice_beside_several_is_written_without_a_list(self):
        answers = self.answers()
        answers[3]["sentiment"] = {"choices": ["WHO_IS", "HOW_ARE_YOU"]}
        dataset = read_dataset(json_list(answers), "a")
        assert (dataset.mode, dataset.warnings) == ("multi-label", [])
        assert dataset.labels[2:4] == [("WHO_IS",), ("HOW_ARE_YOU", "WHO_IS")]

    def test_skipped_rows_are_left_out(self):
        skipped = {key: value for key, value in self.answers()[0].items() if key != "sentiment"}
        dataset = is_read_whole(json_list([skipped, *self.answers()]), "label-studio-min")
        assert dataset.warnings[0] == "1 row left out (no choice in the annotation): example 1."

    def test_two_questions_are_refused(self):
        answers = self.answers()
        for answer in answers:
            end = {key: answer.pop(key) for key in list(answer)[4:]}
            answer |= {"topic": "x", **end}
        assert 'answers "sentiment" and "topic":' in refusal(json_list(answers))

    def test_another_question_later_is_refused(self):
        answers = self.answers()
        answers[7:] = self.answers("topic")[7:]
        assert "Example 8 " in refusal(json_list(answers))

    def test_keys_in_the_order_of_the_alphabet_need_a_known_question(self):
        ordered = [dict(sorted(answer.items())) for answer in self.answers("label")]
        is_read_whole(json_list(ordered), "label-studio-min")
        ordered = [dict(sorted(answer.items())) for answer in self.answers("my question")]
        assert refusal(json_list(ordered))

    def test_rows_of_another_kind_are_refused(self):
        answers = self.answers()
        answers[3] = {"text": "a", "label": "b"}
        assert "Example 4 has no" in refusal(json_list(answers))


class TestGroundTruth:
    @staticmethod
    def single(job="question-type"):
        return [
            {
                "source": text,
                job: int(label == "WHO_IS"),
                f"{job}-metadata": {
                    "confidence": 0.62,
                    "job-name": f"labeling-job/{job}",
                    "class-name": label,
                    "human-annotated": "yes",
                    "type": "groundtruth/text-classification",
                },
            }
            for text, label in zip(TEXTS, LABELS, strict=True)
        ]

    @staticmethod
    def several():
        return [
            {
                "source": text,
                "job": [0, 4] if label == "WHO_IS" else [0, 2],
                "job-metadata": {
                    "class-map": {"0": "ALL", "4": "WHO_IS", "2": "HOW_ARE_YOU"},
                    "confidence-map": {"0": 0.9},
                    "type": "groundtruth/text-classification-multilabel",
                },
            }
            for text, label in zip(TEXTS, LABELS, strict=True)
        ]

    def test_one_class_a_line(self):
        dataset = is_read_whole(json_lines(self.single()), "ground-truth")
        assert (dataset.mode, dataset.warnings) == ("multi-class", [])

    def test_several_classes_a_line(self):
        dataset = read_dataset(json_lines(self.several()), "a.manifest")
        assert (dataset.format, dataset.mode) == ("ground-truth", "multi-label")
        assert dataset.labels[0] == ("ALL", "WHO_IS")

    def test_a_multi_label_job_with_one_class_each_is_multi_label(self):
        lines = self.several()
        for line in lines:
            line["job"] = line["job"][1:]
        assert read_dataset(json_lines(lines), "a").mode == "multi-label"

    def test_references_to_other_objects_are_refused_with_the_reason(self):
        lines = self.single()
        lines[4]["source-ref"] = "s3://bucket/text.txt"
        sentence = refusal(json_lines(lines))
        assert 'Line 5 refers to its text by "source-ref"' in sentence
        assert "s3://bucket/text.txt" in sentence

    def test_failed_lines_are_left_out(self):
        failed = {"source": "x", "question-type-metadata": {"failure-reason": "ClientError: ..."}}
        dataset = is_read_whole(json_lines([*self.single(), failed]), "ground-truth")
        assert "(labelling failed): line 25" in dataset.warnings[0]

    def test_labels_of_two_jobs_are_refused(self):
        lines = [one | other for one, other in zip(self.single("one"), self.single("other"), strict=True)]
        sentence = refusal(json_lines(lines))
        assert '"one"' in sentence
        assert '"other"' in sentence

    def test_another_job_later_is_refused(self):
        assert "Line 6" in refusal(json_lines(self.single("one")[:5] + self.single("other")[5:]))

    @pytest.mark.parametrize(
        ("spoil", "named"),
        [
            (lambda line: line.pop("source"), '"source"'),
            (lambda line: line.pop("job-metadata"), "no label"),
            (lambda line: line["job"].append(9), "9"),
            (lambda line: line.update(job=4), '"job"'),
            (lambda line: line["job-metadata"].update({"class-map": None}), '"job"'),
        ],
    )
    def test_incomplete_lines_are_refused(self, spoil, named):
        lines = self.several()
        spoil(lines[6])
        sentence = refusal(json_lines(lines))
        assert sentence.startswith("Line 7 ")
        assert named in sentence


def test_the_samples_hold_both_labels():
    assert set(TEXTS) == {*WHO_IS, *HOW_ARE_YOU}
