package retention

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// writersOf opens the file of f once more, such that nobody may have it open
// for writing: "the sharing mode of the call must be compatible with the access
// modes of handles that are open" (CreateFileW, dwShareMode).
func writersOf(f *os.File) writers {
	name, err := windows.UTF16PtrFromString(f.Name())
	if err != nil {
		return unknown
	}
	handle, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	switch {
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION):
		return some
	case err != nil:
		return unknown
	}
	// A handle that was only read from has nothing to say when it is closed.
	_ = windows.CloseHandle(handle)
	return none
}
