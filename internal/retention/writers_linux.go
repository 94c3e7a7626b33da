package retention

import (
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// local are the file systems whose files only programs on this machine write to.
// A lease can be had on others too, which tells nothing of the other machines.
var local = []uint32{
	unix.BTRFS_SUPER_MAGIC, unix.EXT4_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.OVERLAYFS_SUPER_MAGIC,
	unix.TMPFS_MAGIC, unix.XFS_SUPER_MAGIC, bcachefs, zfs,
}

// File systems that package unix does not name.
const (
	bcachefs = 0xca451a4e
	zfs      = 0x2fc12fc1
)

// writersOf asks for a read lease on f, and gives it back at once. The kernel
// refuses it with EAGAIN while any process has the file open for writing, be it
// another user's or in a container.
//
// "A read lease can be placed only on a file descriptor that is opened
// read-only." (fcntl(2), F_SETLEASE)
func writersOf(f *os.File) writers {
	_, err := unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_RDLCK)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return some
	case err != nil:
		return unknown // another's file, or a file system without leases
	}
	// Closing the file gives it back as well.
	_, _ = unix.FcntlInt(f.Fd(), unix.F_SETLEASE, unix.F_UNLCK)
	var system unix.Statfs_t
	if err := unix.Fstatfs(int(f.Fd()), &system); err != nil || !slices.Contains(local, uint32(system.Type)) {
		return unknown
	}
	return none
}
