#include "store/database.hpp"

#include "store/statement.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <thread>

namespace linkspan
{
namespace
{

// Measured with deliveries of 6 kB, so that one fits a page: 8 % less CPU than with SQLite's 4096, 6 % less
// than with 16384. Only a new database takes it.
constexpr char page_bytes[] = "PRAGMA page_size=8192";

// Delivery ids come in no order: with SQLite's 2 MB, nearly every insert read a page again. In kibibytes.
constexpr char writer_cache[] = "PRAGMA cache_size=-16384";

// The writer moves the WAL into the database whenever it has grown by so many pages (8 MiB): less often means
// fewer syncs, more often shorter ones.
constexpr char checkpoint_pages[] = "PRAGMA wal_autocheckpoint=1024";

// A WAL that a long reader made grow is cut back to this at its next reset. Not shorter than what a
// checkpoint leaves: a file that is overwritten syncs sooner than one that grows.
constexpr char wal_bytes_kept[] = "PRAGMA journal_size_limit=16777216";

constexpr milliseconds busy_wait{5};

// Magic numbers of file systems whose locks do not hold between machines (linux/magic.h, cifs, smb2).
constexpr std::array<unsigned long, 5> network_file_systems = {
    0x6969, 0xff534d42, 0xfe534d42, 0x517b, 0x65735546};

result<> refuse_network_file_system(std::filesystem::path const& file)
{
    struct statfs info = {};
    auto const folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (::statfs(folder.c_str(), &info) != 0)
        return error(errc::unavailable, "open " + file.string() + ": " + std::strerror(errno));
    auto const type = static_cast<unsigned long>(info.f_type) & 0xffffffffUL;
    for (auto const network : network_file_systems)
        if (type == network)
            return error(
                errc::invalid,
                "open " + file.string() +
                    ": it lies on a network or user-space file system, where SQLite's locks do not hold; "
                    "choose a "
                    "local folder with --database"
            );
    return {};
}

// The mode must be right before SQLite writes the first byte; its -wal and -shm take it over. A file that is
// there is not opened: to close it would drop the locks of this process's other connections (POSIX).
result<> make_private_file(std::filesystem::path const& file)
{
    int const fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
    {
        ::close(fd);
        return {};
    }
    if (errno != EEXIST)
        return error(errc::unavailable, "open " + file.string() + ": " + std::strerror(errno));
    struct stat status = {};
    if (::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0)
        ::chmod(file.c_str(), 0600);
    return {};
}

char const* synchronous(durability durable)
{
    switch (durable)
    {
        case durability::full:
            return "PRAGMA synchronous=FULL";
        case durability::normal:
            return "PRAGMA synchronous=NORMAL";
        case durability::off:
            return "PRAGMA synchronous=OFF";
    }
    return "PRAGMA synchronous=FULL";
}

// Where two processes turn a new database to WAL at once, SQLite tells one of them that it is busy without
// asking its busy handler.
void use_wal(SQLite::Database& raw, milliseconds busy_timeout)
{
    auto const end = std::chrono::steady_clock::now() + busy_timeout;
    for (;;)
        try
        {
            auto const mode = raw.execAndGet("PRAGMA journal_mode=WAL").getString();
            if (mode != "wal")  // without it synchronous=FULL promises less
                throw SQLite::Exception(
                    "no write-ahead log can be kept here, the journal mode is " + mode, SQLITE_CANTOPEN
                );
            return;
        }
        catch (SQLite::Exception const& failure)
        {
            if ((failure.getErrorCode() & 0xff) != SQLITE_BUSY || std::chrono::steady_clock::now() >= end)
                throw;
            std::this_thread::sleep_for(busy_wait);
        }
}

void configure(SQLite::Database& raw, database_options const& options)
{
    raw.exec("PRAGMA trusted_schema=OFF");
    raw.exec("PRAGMA foreign_keys=ON");
    if (options.writable)
    {
        raw.exec(page_bytes);
        use_wal(raw, options.busy_timeout);
        raw.exec(writer_cache);
        raw.exec(checkpoint_pages);
        raw.exec(synchronous(options.durable));
        raw.exec(wal_bytes_kept);
    }
    else
        raw.exec("PRAGMA query_only=ON");
    if (!options.checkpoints)
    {
        raw.exec("PRAGMA wal_autocheckpoint=0");
        sqlite3_db_config(raw.getHandle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
}

}  // namespace

error from_sqlite(SQLite::Exception const& failure, std::string_view doing)
{
    auto const message = std::string(doing) + ": " + failure.what();
    switch (failure.getErrorCode() & 0xff)
    {
        case SQLITE_CONSTRAINT:
            return error(errc::conflict, message);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return error(errc::unavailable, message + "; another process holds the database, try again");
        case SQLITE_FULL:
            return error(errc::unavailable, message + "; free some space on the disk");
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
        case SQLITE_READONLY:
            return error(errc::unavailable, message);
        case SQLITE_NOTADB:
            return error(errc::invalid, message);
        case SQLITE_TOOBIG:
            return error(errc::invalid, message);
        default:
            return error(errc::internal, message);
    }
}

result<bool> probe_write(transaction& tx)
{
    return guarded(
        "probe the store",
        [&]() -> result<bool>
        {
            auto& raw = tx.connection().raw();
            auto const version = raw.execAndGet("PRAGMA user_version").getInt();
            raw.exec("PRAGMA user_version=" + std::to_string(version));
            return true;
        }
    );
}

bool is_passing(error const& failure)
{
    return failure.code == errc::unavailable;
}

database::database(std::unique_ptr<SQLite::Database> raw) : raw_(std::move(raw)) {}

database::~database()
{
    statements_.clear();
}

result<std::unique_ptr<database>> database::open(database_options options)
{
    if (auto const local = refuse_network_file_system(options.file); !local)
        return local.error();
    if (options.writable && options.vfs.empty())
        if (auto const made = make_private_file(options.file); !made)
            return made.error();
    auto const doing = "open " + options.file.string();
    return guarded(
        doing,
        [&]() -> result<std::unique_ptr<database>>
        {
            int const flags =
                SQLite::OPEN_NOMUTEX | SQLite::OPEN_READWRITE | (options.writable ? SQLite::OPEN_CREATE : 0);
            auto raw = std::make_unique<SQLite::Database>(
                options.file.string(), flags, static_cast<int>(options.busy_timeout.count()), options.vfs
            );
            configure(*raw, options);
            return std::unique_ptr<database>(new database(std::move(raw)));
        }
    );
}

void database::end_reads()
{
    for (auto& [sql, statement] : statements_)
        if (statement)
            statement->tryReset();
}

void database::roll_back()
{
    end_reads();
    if (in_autocommit())
        return;
    (void)guarded(
        "roll back",
        [&]() -> result<>
        {
            prepare("ROLLBACK").exec();
            return {};
        }
    );
}

SQLite::Statement& database::prepare(char const* sql)
{
    auto& slot = statements_[sql];
    if (!slot)
        slot = std::make_unique<SQLite::Statement>(*raw_, sql);
    slot->tryReset();
    slot->clearBindings();
    return *slot;
}

bool database::in_autocommit() const
{
    return sqlite3_get_autocommit(raw_->getHandle()) != 0;
}

result<std::int64_t> database::data_version()
{
    return guarded(
        "look for changes",
        [&]() -> result<std::int64_t>
        {
            auto& statement = prepare("PRAGMA data_version");
            statement.executeStep();
            auto const version = number_at(statement, 0);
            statement.reset();
            return version;
        }
    );
}

}  // namespace linkspan
