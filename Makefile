# Commands for people; everything else is in the kadr command.
.DEFAULT_GOAL := help
.PHONY: help venv demo test bench chaos fuzz evaluate evaluate-models train-pictures train-texts train-speech check lock

PYTHON ?= python3
BIN := .venv/bin

help: ## Show these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-16s %s\n' "$$name" "$$text"; done

venv: ## Make .venv from requirements.txt
	@$(PYTHON) -m infra.bootstrap

demo: ## Make videos, index them and search inside them (VIDEOS="a.mp4 b.webm" adds your own)
	@$(PYTHON) -m infra.bootstrap --for demo
	@$(BIN)/kadr demo $(VIDEOS)

test: ## Run the unit, contract and integration tests (TESTS="tests/unit -k name" runs some)
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/pytest $(TESTS)

bench: ## Measure serving beside the bare model, media beside full decoding, searches beside OpenSearch, into build/bench.json
	@$(PYTHON) -m infra.bootstrap --for test
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/bench_encoders.py
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/bench_media.py
	@PYTHONPATH=tests:. $(BIN)/python tests/benchmarks/bench_search.py

evaluate: ## Measure search on the judged corpus, into build/evaluation.json and .html (EVALUATE="--films 100")
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/kadr evaluate --corpus $(EVALUATE)

chaos: ## Kill, cut and restart everything for about 25 minutes, and compare with an oracle, into build/chaos.json (CHAOS="--scale 0.1 --seed 7" or "--only backlog")
	@$(PYTHON) -m infra.bootstrap --for test
	@PYTHONPATH=tests:. $(BIN)/python -m chaos $(CHAOS)

fuzz: ## Break every kind of media file, and fuzz the parsing of containers and events for a minute each
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/pytest --hostile whole tests/unit/test_stream_hostile_suite.py
	@PYTHONPATH=tests:. $(BIN)/python tests/fuzz/fuzz_parsing.py containers --seconds 60
	@PYTHONPATH=tests:. $(BIN)/python tests/fuzz/fuzz_parsing.py events --seconds 60

evaluate-models: ## Measure the models that ship on what they were not trained on, into build/evaluate-models.json
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/python -m encoders.training.evaluate

train-pictures: ## Train the small CLIP anew (TRAIN="--minutes 66 --out FOLDER" says how long and whereto)
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/python -m encoders.training.pictures.train $(TRAIN)

train-texts: ## Train the small sentence model anew (TRAIN, likewise)
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/python -m encoders.training.texts.train $(TRAIN)

train-speech: ## Train the small Whisper anew (TRAIN, likewise)
	@$(PYTHON) -m infra.bootstrap --for test
	@$(BIN)/python -m encoders.training.speech.train $(TRAIN)

check: ## Check style, types and the import rules
	@$(PYTHON) -m infra.bootstrap
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: ## Write requirements.txt anew, every package with its hashes
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --all-extras pyproject.toml -o requirements.txt
