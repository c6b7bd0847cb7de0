package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestSum(t *testing.T) {
	for name, c := range map[string]struct {
		report string
		want   counts
	}{
		"all is well": {`<testsuites tests="2"><testsuite><testcase name="a"/><testcase name="b"/></testsuite></testsuites>`,
			counts{passed: 2}},
		"one fails": {`<testsuites><testsuite><testcase><failure message="x">&lt;failure&gt;</failure></testcase>` +
			`<testcase><error/></testcase><testcase/></testsuite></testsuites>`, counts{passed: 1, failed: 2}},
		"one is skipped":            {`<testsuites><testsuite><testcase><skipped/></testcase></testsuite></testsuites>`, counts{skipped: 1}},
		"suites within suites":      {`<testsuites><testsuite><testsuite><testcase/></testsuite></testsuite></testsuites>`, counts{passed: 1}},
		"output that looks like it": {`<testsuite><testcase><system-out><![CDATA[<failure/>]]></system-out></testcase></testsuite>`, counts{passed: 1}},
		"nothing ran":               {`<testsuites tests="0"></testsuites>`, counts{failed: 1}},
		"broken off":                {`<testsuites><testsuite><testcase/>`, counts{failed: 1}},
		"no report":                 {"", counts{failed: 1}},
	} {
		folder := t.TempDir()
		if c.report != "" {
			if err := os.WriteFile(filepath.Join(folder, "go.xml"), []byte(c.report), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := sum(folder, []string{"go"}, io.Discard); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
