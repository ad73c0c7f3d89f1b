import subprocess
import sys


def test_nothing_is_searched_for_garbage_while_libraries_are_imported() -> None:
    program = """
import {{ cookiecutter.package_name }}.stages, gc
before = gc.get_stats()
import mlflow
assert gc.get_stats() == before
"""
    subprocess.run([sys.executable, "-c", program], check=True)
