#pragma once
#include <sqlite3.h>

#include <atomic>
#include <string>

namespace linkspan::test
{

// A SQLite VFS over "unix" whose syncs or writes fail while the test says so, with the codes that a faulty
// and a full disk give. One at a time; every connection has to be closed before it goes.
class failing_vfs
{
public:
    failing_vfs();
    ~failing_vfs();
    failing_vfs(failing_vfs const&) = delete;
    failing_vfs& operator=(failing_vfs const&) = delete;

    static constexpr char name[] = "failing";

    static inline std::atomic<bool> syncs_fail = false;    // SQLITE_IOERR_FSYNC
    static inline std::atomic<bool> disk_is_full = false;  // SQLITE_FULL
    static inline std::atomic<int> syncs_failed = 0;

private:
    sqlite3_vfs vfs_ = {};
};

}  // namespace linkspan::test
