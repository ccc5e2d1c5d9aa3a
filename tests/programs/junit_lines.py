# SPDX-License-Identifier: MIT
# junit_lines.py FILE: what `python3 -m test --junit-xml` wrote, as a line a test: name, tab, outcome. For suites.sh.
import sys
import xml.etree.ElementTree

OUTCOMES = ("error", "failure", "skipped")

for case in xml.etree.ElementTree.parse(sys.argv[1]).iter("testcase"):
    outcome = [child.tag for child in case if child.tag in OUTCOMES]
    if case.get("status") == "notrun" or case.get("result") == "skipped":
        outcome = ["skipped"]
    print(case.get("classname") or "", case.get("name"), sep=".", end="\t")
    print(outcome[0] if outcome else "passed")
