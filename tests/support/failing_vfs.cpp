#include "tests/support/failing_vfs.hpp"

#include <map>
#include <mutex>
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

// Those of the unix VFS, known when a file is opened.
std::atomic<decltype(sqlite3_io_methods::xSync)> real_sync = nullptr;
std::atomic<decltype(sqlite3_io_methods::xWrite)> real_write = nullptr;

int sync_or_fail(sqlite3_file* file, int flags) noexcept
{
    if (!failing_vfs::syncs_fail)
        return real_sync.load()(file, flags);
    ++failing_vfs::syncs_failed;
    return SQLITE_IOERR_FSYNC;
}

int write_or_fail(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset) noexcept
{
    return failing_vfs::disk_is_full ? SQLITE_FULL : real_write.load()(file, bytes, size, offset);
}

// The unix VFS has several tables (journals are not locked), which differ in neither sync nor write.
sqlite3_io_methods const* methods_over(sqlite3_io_methods const* real)
{
    static std::mutex mutex;
    static std::map<sqlite3_io_methods const*, sqlite3_io_methods> tables;
    std::scoped_lock const lock(mutex);
    auto const [found, is_new] = tables.emplace(real, *real);
    if (is_new)
    {
        real_sync = real->xSync;
        real_write = real->xWrite;
        found->second.xSync = sync_or_fail;
        found->second.xWrite = write_or_fail;
    }
    return &found->second;
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
