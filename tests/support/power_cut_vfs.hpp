#pragma once
#include "tests/support/disk_recording.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

namespace linkspan::test
{

// A SQLite VFS over "unix" that writes real files (locks and shared memory are the real ones, so WAL and
// several connections on several threads of this process work) and records what was written and synced, so
// that disk_recording::materialise() can make the disk after a power cut. https://www.sqlite.org/vfs.html
//
//     disk_recording disk;
//     {
//         power_cut_vfs vfs("cut", disk);
//         SQLite::Database db(file, flags, busy_ms, vfs.name());    // ... commit, then vfs.acknowledge(id)
//         ...
//     }
//     disk.materialise(moment, cut_mode::harsh, seed, folder);      // then open folder/<file> by the
//     ordinary VFS
//
// - Databases, journals and WALs are recorded; temporary files are passed on. The shared-memory index (-shm)
// is never on
//   the disk after a cut: SQLite makes it anew from the WAL.
// - A sync is recorded and not handed down: nothing here outlives the test, and it is faster. As in the unix
// VFS
//   the first sync of a journal or WAL that this process made syncs the folder too, and so does xDelete with
//   syncDir.
// - Of the device's characteristics only SQLITE_IOCAP_POWERSAFE_OVERWRITE is passed on (the model keeps it)
// with
//   SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN; atomic, sequential and safe-append writes are not claimed. No memory
//   mapping, no preallocation (both write behind the back of xWrite).
// - Where the recording has no more room (disk_recording::recorded_bytes_max) a write fails with SQLITE_FULL.
class power_cut_vfs
{
public:
    enum class role
    {
        by_name,         // Used where a connection asks for it by name.
        process_default  // Also used by every connection that names no VFS, until this object goes.
    };

    // Registers the VFS. The recording must outlive it; nobody else may touch the recording meanwhile.
    power_cut_vfs(std::string name, disk_recording& disk, role as = role::by_name);
    // Unregisters it. Every connection has to be closed before: aborts otherwise.
    ~power_cut_vfs();
    power_cut_vfs(power_cut_vfs const&) = delete;
    power_cut_vfs& operator=(power_cut_vfs const&) = delete;

    char const* name() const { return name_.c_str(); }

    // Thread-safe: what is recorded so far, and the note that `id` was promised to somebody.
    disk_recording::moment now() const;
    void acknowledge(std::int64_t id);
    // The disk as it would be if the power failed now; thread-safe, in the middle of activity too.
    cut_effect cut(cut_mode mode, std::uint64_t seed, std::filesystem::path const& folder) const;

private:
    friend struct vfs_calls;

    std::string name_;
    disk_recording& disk_;
    sqlite3_vfs* unix_;
    sqlite3_vfs vfs_ = {};
    mutable std::mutex mutex_;  // Held over the real operation and its record, so that both have one order.
    int open_files_ = 0;
};

}  // namespace linkspan::test
