#include "tests/support/power_cut_vfs.hpp"

#include "tests/support/environment.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace linkspan::test
{
namespace
{

// What SQLite allocates for an open file: this, and behind it the file of the unix VFS.
struct cut_file
{
    sqlite3_file base;
    power_cut_vfs* owner;
    bool recorded;
    bool syncs_folder;  // The next sync also syncs the folder.
    disk_recording::file_id file;
};
static_assert(sizeof(cut_file) % 8 == 0, "the unix VFS's file stands right behind it");

cut_file& own(sqlite3_file* file)
{
    return *reinterpret_cast<cut_file*>(file);
}
sqlite3_file* real(sqlite3_file* file)
{
    return reinterpret_cast<sqlite3_file*>(&own(file) + 1);
}
sqlite3_vfs* real(sqlite3_vfs* vfs);

// Hands a call down to the unix VFS: pass<&sqlite3_vfs::xAccess>::on has the type of that member.
template <auto Member>
struct pass;
template <class R, class... A, R (*sqlite3_vfs::*Member)(sqlite3_vfs*, A...)>
struct pass<Member>
{
    static R on(sqlite3_vfs* vfs, A... arguments) { return (real(vfs)->*Member)(real(vfs), arguments...); }
};
template <class R, class... A, R (*sqlite3_io_methods::*Member)(sqlite3_file*, A...)>
struct pass<Member>
{
    static R on(sqlite3_file* file, A... arguments)
    {
        return (real(file)->pMethods->*Member)(real(file), arguments...);
    }
};

bool is_recorded(char const* name, int flags)
{
    int const kinds =
        SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    return name != nullptr && (flags & kinds) != 0 && (flags & SQLITE_OPEN_DELETEONCLOSE) == 0;
}

}  // namespace

// The functions that SQLite calls. An exception must not pass through it, and none of these throws but for
// bad_alloc or an unreadable file: then the test program ends, by noexcept.
struct vfs_calls
{
    static power_cut_vfs& owner(sqlite3_vfs* vfs) { return *static_cast<power_cut_vfs*>(vfs->pAppData); }
    static sqlite3_vfs* unix_of(sqlite3_vfs* vfs) { return owner(vfs).unix_; }

    // Takes what was there before us into the recording.
    static bool meet(power_cut_vfs& self, char const* name)
    {
        if (!self.disk_.knows(name) && std::filesystem::exists(name))
            self.disk_.import_file(name, read_file(name));
        return self.disk_.knows(name);
    }

    static int open(
        sqlite3_vfs* vfs, char const* name, sqlite3_file* file, int flags, int* out_flags
    ) noexcept
    {
        auto& self = owner(vfs);
        std::lock_guard const lock(self.mutex_);
        auto& opened = own(file);
        opened = {};
        opened.owner = &self;
        opened.recorded = is_recorded(name, flags);
        bool const existed = opened.recorded && meet(self, name);
        int const status = self.unix_->xOpen(self.unix_, name, real(file), flags, out_flags);
        if (status != SQLITE_OK)
            return status;
        if (opened.recorded)
        {
            opened.file = existed ? self.disk_.file(name) : self.disk_.create(name);
            opened.syncs_folder = !existed && (flags & SQLITE_OPEN_MAIN_DB) == 0;
        }
        opened.base.pMethods = methods();
        ++self.open_files_;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, char const* name, int sync_folder) noexcept
    {
        auto& self = owner(vfs);
        std::lock_guard const lock(self.mutex_);
        bool const known = meet(self, name);
        int const status = self.unix_->xDelete(self.unix_, name, 0);
        if (status == SQLITE_OK && known)
            self.disk_.remove(name, sync_folder != 0);
        return status;
    }

    static int close(sqlite3_file* file) noexcept
    {
        auto& self = *own(file).owner;
        std::lock_guard const lock(self.mutex_);
        --self.open_files_;
        return pass<&sqlite3_io_methods::xClose>::on(file);
    }

    static int write(sqlite3_file* file, void const* bytes, int size, sqlite3_int64 offset) noexcept
    {
        auto& opened = own(file);
        if (!opened.recorded)
            return pass<&sqlite3_io_methods::xWrite>::on(file, bytes, size, offset);
        std::lock_guard const lock(opened.owner->mutex_);
        auto& disk = opened.owner->disk_;
        auto const count = static_cast<std::size_t>(size);
        if (!disk.has_room(count))
            return SQLITE_FULL;
        int const status = pass<&sqlite3_io_methods::xWrite>::on(file, bytes, size, offset);
        if (status == SQLITE_OK)
            disk.write(opened.file, offset, std::string_view(static_cast<char const*>(bytes), count));
        return status;
    }

    static int truncate(sqlite3_file* file, sqlite3_int64 size) noexcept
    {
        auto& opened = own(file);
        std::lock_guard const lock(opened.owner->mutex_);
        int const status = pass<&sqlite3_io_methods::xTruncate>::on(file, size);
        if (status == SQLITE_OK && opened.recorded)
            opened.owner->disk_.truncate(opened.file, size);
        return status;
    }

    static int sync(sqlite3_file* file, int) noexcept
    {
        auto& opened = own(file);
        if (opened.recorded)
        {
            std::lock_guard const lock(opened.owner->mutex_);
            opened.owner->disk_.sync(opened.file, std::exchange(opened.syncs_folder, false));
        }
        return SQLITE_OK;
    }

    static int control(sqlite3_file* file, int operation, void* argument) noexcept
    {
        switch (operation)
        {
            case SQLITE_FCNTL_MMAP_SIZE:
                *static_cast<sqlite3_int64*>(argument) = 0;
                return SQLITE_OK;
            case SQLITE_FCNTL_SIZE_HINT:
            case SQLITE_FCNTL_CHUNK_SIZE:
                return SQLITE_OK;
            case SQLITE_FCNTL_BEGIN_ATOMIC_WRITE:
            case SQLITE_FCNTL_COMMIT_ATOMIC_WRITE:
            case SQLITE_FCNTL_ROLLBACK_ATOMIC_WRITE:
                return SQLITE_NOTFOUND;
            default:
                return pass<&sqlite3_io_methods::xFileControl>::on(file, operation, argument);
        }
    }

    static int characteristics(sqlite3_file* file) noexcept
    {
        return pass<&sqlite3_io_methods::xDeviceCharacteristics>::on(file) &
               (SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN);
    }

    static sqlite3_io_methods const* methods()
    {
        static sqlite3_io_methods const table = []
        {
            using io = sqlite3_io_methods;
            io calls = {};
            calls.iVersion = 2;  // Shared memory; version 3 would be memory mapping.
            calls.xClose = close;
            calls.xRead = pass<&io::xRead>::on;
            calls.xWrite = write;
            calls.xTruncate = truncate;
            calls.xSync = sync;
            calls.xFileSize = pass<&io::xFileSize>::on;
            calls.xLock = pass<&io::xLock>::on;
            calls.xUnlock = pass<&io::xUnlock>::on;
            calls.xCheckReservedLock = pass<&io::xCheckReservedLock>::on;
            calls.xFileControl = control;
            calls.xSectorSize = pass<&io::xSectorSize>::on;
            calls.xDeviceCharacteristics = characteristics;
            calls.xShmMap = pass<&io::xShmMap>::on;
            calls.xShmLock = pass<&io::xShmLock>::on;
            calls.xShmBarrier = pass<&io::xShmBarrier>::on;
            calls.xShmUnmap = pass<&io::xShmUnmap>::on;
            return calls;
        }();
        return &table;
    }
};

namespace
{
sqlite3_vfs* real(sqlite3_vfs* vfs)
{
    return vfs_calls::unix_of(vfs);
}
}  // namespace

power_cut_vfs::power_cut_vfs(std::string name, disk_recording& disk, role as)
    : name_(std::move(name)), disk_(disk), unix_(sqlite3_vfs_find("unix"))
{
    if (unix_ == nullptr || sqlite3_vfs_find(name_.c_str()) != nullptr)
        throw std::runtime_error("cannot register the VFS " + name_ + ": no unix VFS, or the name is taken");
    vfs_.iVersion = 2;
    vfs_.szOsFile = static_cast<int>(sizeof(cut_file)) + unix_->szOsFile;
    vfs_.mxPathname = unix_->mxPathname;
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = vfs_calls::open;
    vfs_.xDelete = vfs_calls::remove;
    vfs_.xAccess = pass<&sqlite3_vfs::xAccess>::on;
    vfs_.xFullPathname = pass<&sqlite3_vfs::xFullPathname>::on;
    vfs_.xDlOpen = pass<&sqlite3_vfs::xDlOpen>::on;
    vfs_.xDlError = pass<&sqlite3_vfs::xDlError>::on;
    vfs_.xDlSym = pass<&sqlite3_vfs::xDlSym>::on;
    vfs_.xDlClose = pass<&sqlite3_vfs::xDlClose>::on;
    vfs_.xRandomness = pass<&sqlite3_vfs::xRandomness>::on;
    vfs_.xSleep = pass<&sqlite3_vfs::xSleep>::on;
    vfs_.xCurrentTime = pass<&sqlite3_vfs::xCurrentTime>::on;
    vfs_.xGetLastError = pass<&sqlite3_vfs::xGetLastError>::on;
    vfs_.xCurrentTimeInt64 = pass<&sqlite3_vfs::xCurrentTimeInt64>::on;
    if (sqlite3_vfs_register(&vfs_, as == role::process_default ? 1 : 0) != SQLITE_OK)
        throw std::runtime_error("cannot register the VFS " + name_);
}

power_cut_vfs::~power_cut_vfs()
{
    sqlite3_vfs_unregister(&vfs_);
    std::lock_guard const lock(mutex_);
    if (open_files_ != 0)
    {
        std::fprintf(stderr, "power_cut_vfs %s goes while %d files are open\n", name_.c_str(), open_files_);
        std::abort();
    }
}

disk_recording::moment power_cut_vfs::now() const
{
    std::lock_guard const lock(mutex_);
    return disk_.now();
}

void power_cut_vfs::acknowledge(std::int64_t id)
{
    std::lock_guard const lock(mutex_);
    disk_.acknowledge(id);
}

cut_effect power_cut_vfs::cut(cut_mode mode, std::uint64_t seed, std::filesystem::path const& folder) const
{
    std::lock_guard const lock(mutex_);
    return disk_.materialise(disk_.now(), mode, seed, folder);
}

}  // namespace linkspan::test
