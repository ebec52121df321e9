#pragma once
#include "core/base/error.hpp"
#include "core/base/time.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

namespace SQLite
{
class Database;
class Statement;
}  // namespace SQLite

namespace linkspan
{

// How much a commit promises. Only tests ask for less than `full`.
enum class durability
{
    full,    // survives a power cut
    normal,  // survives a crash of the process
    off,
};

struct database_options
{
    std::filesystem::path file;
    bool writable = true;
    // Debian's SQLite 3.40.1 can corrupt a database when a commit races a second connection's checkpoint: so
    // there is one checkpointer, the writer of the process that holds the profile's lock.
    bool checkpoints = false;
    durability durable = durability::full;
    milliseconds busy_timeout{5'000};
    std::string vfs;  // empty: SQLite's own

    database_options() {}
};

// One connection to the database, and its prepared statements. Used by one thread at a time.
class database
{
public:
    // errc::unavailable when the file cannot be opened, errc::invalid when it is no database or lies on a
    // network file system (SQLite's locks do not hold there). The file is made with mode 0600.
    static result<std::unique_ptr<database>> open(database_options options);
    ~database();
    database(database const&) = delete;
    database& operator=(database const&) = delete;

    // The statement of a fixed text, reset and without bindings. The text must be a literal: it is the
    // cache's key. Throws SQLite::Exception, like all that is done with a statement; see guarded() in
    // statement.hpp.
    SQLite::Statement& prepare(char const* sql);

    // Ends what a statement that was not stepped to its end still reads. To be called where a transaction
    // ends: an open read keeps its old moment for all that follows, makes the next BEGIN IMMEDIATE fail for
    // good once somebody else has committed, and keeps the WAL from being reset.
    void end_reads();

    // Gives up whatever transaction is open, as far as that is possible; a full disk has rolled it back
    // already.
    void roll_back();

    SQLite::Database& raw() { return *raw_; }

    // Whether no transaction is open: a full disk rolls one back unasked.
    bool in_autocommit() const;

    // Changes when another connection has committed (PRAGMA data_version).
    result<std::int64_t> data_version();

private:
    explicit database(std::unique_ptr<SQLite::Database> raw);

    std::unique_ptr<SQLite::Database> raw_;
    std::unordered_map<char const*, std::unique_ptr<SQLite::Statement>> statements_;
};

// What the functions of store/ work on: a connection inside BEGIN ... COMMIT, and the one moment of all its
// rows.
class transaction
{
public:
    transaction(database& on, time_point now) : database_(&on), now_(now) {}

    SQLite::Statement& prepare(char const* sql) { return database_->prepare(sql); }
    database& connection() { return *database_; }
    time_point now() const { return now_; }

private:
    database* database_;
    time_point now_;
};

// Writes the schema's version over itself: whether the disk takes a write, without changing anything.
result<bool> probe_write(transaction& tx);

// Whether a failed write says nothing about the row that was written (disk full, busy): roll back and try
// again.
bool is_passing(error const& failure);

}  // namespace linkspan
