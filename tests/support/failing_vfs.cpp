#include "tests/support/failing_vfs.hpp"

#include <stdexcept>

namespace linkspan::test
{
namespace
{

sqlite3_vfs* unix_vfs()
{
    static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
    return found;
}

// Those of the unix VFS, but for two: set when the first file is opened.
sqlite3_io_methods const* real_methods = nullptr;

int sync_or_fail(sqlite3_file* file, int flags) noexcept
{
    if (!failing_vfs::syncs_fail)
        return real_methods->xSync(file, flags);
    ++failing_vfs::syncs_failed;
    return SQLITE_IOERR_FSYNC;
}

int write_or_fail(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset) noexcept
{
    return failing_vfs::disk_is_full ? SQLITE_FULL : real_methods->xWrite(file, bytes, size, offset);
}

sqlite3_io_methods const* methods_over(sqlite3_io_methods const* real)
{
    static sqlite3_io_methods const table = [real]
    {
        real_methods = real;
        auto calls = *real;
        calls.xSync = sync_or_fail;
        calls.xWrite = write_or_fail;
        return calls;
    }();
    return &table;
}

int open_file(sqlite3_vfs*, char const* file_name, sqlite3_file* file, int flags, int* out_flags) noexcept
{
    int const status = unix_vfs()->xOpen(unix_vfs(), file_name, file, flags, out_flags);
    if (status == SQLITE_OK)
        file->pMethods = methods_over(file->pMethods);
    return status;
}

}  // namespace

failing_vfs::failing_vfs()
{
    syncs_fail = false;
    disk_is_full = false;
    syncs_failed = 0;
    vfs_ = *unix_vfs();
    vfs_.pNext = nullptr;
    vfs_.zName = name;
    vfs_.xOpen = open_file;
    if (sqlite3_vfs_find(name) != nullptr || sqlite3_vfs_register(&vfs_, 0) != SQLITE_OK)
        throw std::runtime_error("cannot register the failing VFS");
}

failing_vfs::~failing_vfs()
{
    sqlite3_vfs_unregister(&vfs_);
}

}  // namespace linkspan::test
