package record

import "bufio"

// plain writes lines as they are.
type plain struct {
	out *bufio.Writer
}

func newPlain(out *sink) *plain { return &plain{bufio.NewWriterSize(out, 32<<10)} }

func (p *plain) add(line text, _ bool) error {
	for _, part := range line.parts() {
		if _, err := p.out.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func (p *plain) flush() error  { return p.out.Flush() }
func (p *plain) finish() error { return p.out.Flush() }
