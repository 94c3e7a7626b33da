package proxy_test

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// syncFlag is FS_SYNC_FL of linux/fs.h, as in chattr +S.
const syncFlag = 0x8

// slowDir gives a folder whose files take every write to the disk before it
// returns, which makes it as slow as a disk can be.
func slowDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	f, err := os.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	flags, err := unix.IoctlGetInt(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, flags|syncFlag)
	}
	if err != nil {
		t.Logf("this file system cannot be slowed down (%v): only the queue is short", err)
	}
	return dir
}
