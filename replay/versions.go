package replay

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"wiretape/internal/compare"
	"wiretape/internal/wire"
)

// refuse says why a request that was not recorded has no place in the recorded
// session, whatever it asks for; nil if it has.
func (s *Session) refuse(r *reading) *failure {
	server := &s.index.server
	switch {
	case r.modern && len(server.versions) > 0 && !server.versions[r.version]:
		return s.unsupported(r)
	case r.Method == "server/discover" && len(server.versions) == 0:
		// MCP 2026-07-28, versioning: a host that speaks both eras takes any
		// error but those of this revision for a server of before it.
		return &failure{code: codeMethodNotFound, reason: "era", message: "there is no server/discover", expected: true}
	case r.modern && server.legacy && len(server.versions) == 0:
		return &failure{
			code: codeReplay, reason: "era",
			message: r.title() + " is a request of " + r.version + ", but the recording is of a session with initialize",
		}
	case r.modern || server.legacy || len(server.versions) == 0:
		return nil
	}
	return s.refuseLegacy(r)
}

// refuseLegacy refuses a request of before 2026-07-28.
func (s *Session) refuseLegacy(r *reading) *failure {
	f := &failure{code: codeInvalidParams, reason: "era", supported: s.spoken()}
	versions := strings.Join(f.supported, ", ")
	switch r.Method {
	case "initialize":
		// MCP 2026-07-28, versioning: a server without initialize SHOULD name
		// the versions that it supports.
		f.message = "the recording is of a session without initialize; supported: " + versions
	case "ping":
		f.code, f.message = codeMethodNotFound, "there is no ping in "+versions
	default:
		// MCP 2026-07-28, basic: requests without the required _meta are
		// refused with -32602.
		f.message = r.title() + " lacks _meta with " + metaVersion + "; supported: " + versions
	}
	return f
}

// unsupported refuses a revision.
//
// MCP 2026-07-28, versioning: the server MUST respond with
// UnsupportedProtocolVersionError.
func (s *Session) unsupported(r *reading) *failure {
	return &failure{
		code: codeUnsupportedVersion, reason: "version", supported: s.spoken(),
		message: "the recording speaks " + strings.Join(s.spoken(), ", ") + ", not " + r.version,
	}
}

// spoken gives the modern revisions that the recorded server speaks.
func (s *Session) spoken() []string {
	return slices.Sorted(maps.Keys(s.index.server.versions))
}

// asked is the revision that a request is made in, or asks for.
func (r *reading) asked() string {
	if r.modern {
		return r.version
	}
	version, _ := wire.Text(wire.Get(r.Params, "protocolVersion"))
	return version
}

// open takes note of what the host says of itself in initialize.
func (s *Session) open(r *reading, c call) {
	if s.host.capabilities = wire.Get(r.Params, "capabilities"); s.host.capabilities == nil {
		s.host.capabilities = []byte("{}")
	}
	line, err := s.load(c.request)
	if err != nil {
		return
	}
	then := wire.Parse(line)
	d := compare.Differences(wire.Get(then.Params, "capabilities"), s.host.capabilities, compare.Ignore{}, mostDifferences)
	if d = s.unveiled(d); len(d) > 0 {
		for i := range d {
			d[i].Pointer = "/params/capabilities" + d[i].Pointer
		}
		f := &failure{message: "the host has other capabilities than the recorded one", seq: s.index.messages[c.request].seq, differences: d}
		s.warn("%s", f)
	}
}

// notice takes note of what the host says of itself in each request.
func (h *host) notice(r *reading) {
	if r.modern {
		h.logs = r.logs()
	}
}

// answers answers a request that was not recorded all the same, if there is but
// one answer to it.
func (s *Session) answers(l *live, r *reading) bool {
	server := &s.index.server
	switch {
	case r.Method == "ping" && !r.modern && (server.legacy || len(server.versions) == 0):
		// MCP 2025-11-25, ping: "The receiver MUST respond promptly with an empty
		// response".
		s.reply(l, "result", []byte("{}"))
		return true
	case r.Method == "server/discover" && server.legacy && len(server.versions) == 0:
		// Nobody else is to say that there is one: the host would leave the era
		// of the recording.
		s.fail(l, r, s.refuse(r))
		return true
	case r.Method == "server/discover" && server.versions[r.version]:
		s.discover(l)
		return true
	}
	return false
}

// discovered is the result of server/discover (MCP 2026-07-28).
type discovered struct {
	ResultType        string              `json:"resultType"`
	SupportedVersions []string            `json:"supportedVersions"`
	Capabilities      map[string]struct{} `json:"capabilities"`
	TTL               int                 `json:"ttlMs"`
	CacheScope        string              `json:"cacheScope"`
	Meta              map[string]raw      `json:"_meta,omitempty"`
}

type raw = json.RawMessage

// discover answers server/discover from what was recorded: many hosts ask for it
// first, and take an error for a server of before 2026-07-28.
func (s *Session) discover(l *live) {
	s.warn("server/discover was not recorded; its answer is made up from what was")
	d := discovered{ResultType: "complete", SupportedVersions: s.spoken(), Capabilities: map[string]struct{}{}, CacheScope: "private"}
	for _, method := range s.index.server.methods.list {
		name, _, _ := strings.Cut(method, "/")
		switch name {
		case "tools", "prompts", "resources":
			d.Capabilities[name] = struct{}{}
		case "completion":
			d.Capabilities["completions"] = struct{}{}
		}
	}
	if info := s.index.server.info; info != nil {
		d.Meta = map[string]raw{metaServerInfo: info}
	}
	// What it is made of is valid JSON.
	text, _ := encode(d)
	s.reply(l, "result", text)
}

// negotiated is the version that an initialize led to.
func (s *Session) negotiated(n int32) []string {
	line, err := s.load(s.index.calls[n].response)
	if err != nil {
		return nil
	}
	version, _ := wire.Text(wire.Get(wire.Parse(line).Result, "protocolVersion"))
	return []string{version}
}
