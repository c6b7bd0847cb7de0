package claims

// Registry is every claim that a sentence in the catalogs may name.
var Registry = []Claim{
	{
		Name:  "no_identity_required",
		Means: "nobody has to say who they are to be answered",
		Tests: []Test{{"cmd/utvag/serve_test.go", "TestServeAsksNobodyWhoTheyAre"}},
	},
	{
		Name:    "no_ip_stored",
		Means:   "neither this server, its proxy, nor the kommun's network keeps the addresses of visitors",
		Tests:   []Test{{"cmd/utvag/serve_test.go", "TestServeLogsNoAddress"}},
		Vouched: true,
	},
	{
		Name:  "e2ee_active",
		Means: "only the devices that answer can read what is written",
		Tests: []Test{
			{"internal/repotest/imports_test.go", "TestServerCannotDecrypt"},
			{"internal/repotest/imports_test.go", "TestDependenciesCannotDecrypt"},
			{"web/test/conversation/talk.test.ts",
				"a visitor writes, a coordinator reads, claims and answers, they talk, and it ends for both"},
			{"web/test/conversation/talk.test.ts", "after the claim the other device's keys open nothing that comes"},
			{"web/test/conversation/trust.test.ts", "a roster that no pinned key signed is refused, and nothing is sent"},
			{"web/test/mls/hostile.test.ts", "that adds a device"},
		},
	},
	{
		Name:    "no_police_accounts",
		Means:   "no device in the roster belongs to the police, and nobody shows them the console",
		Vouched: true,
	},
	{
		Name:  "retention_live",
		Means: "a live conversation is deleted when the page says",
		Tests: []Test{
			{"cmd/utvag/retention_test.go", "TestServeKeepsNothingForEver"},
			{"cmd/utvag/retention_test.go", "TestServeRefusesARedisThatPersistsOrEvicts"},
			{"internal/redisstore/expiry_test.go", "TestLifeStartsAgainWithEachEntry"},
		},
	},
	{
		Name:  "retention_message",
		Means: "a left message is deleted when the page says",
		Tests: []Test{
			{"cmd/utvag/retention_test.go", "TestServeKeepsALeftMessageAsLongAsThePageSays"},
			{"chat/relay/blob_test.go", "TestABlobIsGoneOnTimeOnARealRedis"},
			{"cmd/utvag/retention_test.go", "TestServeRefusesARedisThatPersistsOrEvicts"},
			{"internal/redisstore/expiry_test.go", "TestLifeStartsAgainWithEachEntry"},
		},
	},
	{
		Name:  "comes_back",
		Means: "the code opens the conversation again, on any device, and nothing else does",
		Tests: []Test{
			{"spec/vectors/returncode_test.go", "TestReturnCode"},
			{"web/test/conversation/back.test.ts",
				"a visitor goes, comes back on another device, reads what was said, and answers"},
			{"web/test/conversation/back.test.ts", "a changed return code opens it, and the one before opens nothing"},
			{"web/test/conversation/back-crash.test.ts",
				"whichever step a device dies after, the return code opens the conversation on another, once and in order"},
			{"web/test/conversation/back-crash.test.ts",
				"whichever step a tab is reloaded after, it goes on, once and in order"},
		},
	},
	{
		Name:  "exit_wipes",
		Means: "leaving the page erases what it held",
		Tests: []Test{
			{"web/test/visitor/parts.test.ts",
				"leaving empties the page first, wipes, and then replaces the entry in the history"},
			{"web/test/visitor/parts.test.ts", "a conversation that comes after the page was wiped is wiped too"},
		},
	},
	{
		Name:    "danger_first",
		Means:   "whoever is in danger is answered first",
		Vouched: true,
	},
	{
		Name:    "tells_before_report",
		Means:   "staff tell a relative before they make a report of concern",
		Vouched: true,
	},
}

// Vouchable returns the names of the claims that somebody may vouch for.
func Vouchable() []string {
	var names []string
	for _, c := range Registry {
		if c.Vouched {
			names = append(names, c.Name)
		}
	}
	return names
}
