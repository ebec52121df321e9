#include "store/store.hpp"

#include "store/migrate.hpp"
#include "store/statement.hpp"

#include <chrono>
#include <thread>

namespace linkspan
{
namespace
{

// A command holds the lock only while it migrates; a daemon that starts in that moment waits for it this
// long.
constexpr int lock_tries = 40;
constexpr std::chrono::milliseconds lock_wait{50};

// A command that finds an older schema and the lock taken waits this long for the holder to migrate.
constexpr int migration_tries = 10;

// The daemon's writer asks again itself; a short step keeps it answering.
constexpr milliseconds daemon_busy_timeout{250};

result<profile_lock> take_lock(std::filesystem::path const& file)
{
    for (int tries = 1;; ++tries)
    {
        auto taken = profile_lock::take(file);
        if (taken || taken.error().code != errc::conflict || tries == lock_tries)
            return taken;
        std::this_thread::sleep_for(lock_wait);
    }
}

// Migrates, or waits until the holder of the lock has done so.
result<> bring_up_to_date(database& on, std::filesystem::path const& file)
{
    for (int tries = 1; tries <= migration_tries; ++tries)
    {
        auto const found = schema_version_of(on);
        if (!found)
            return found.error();
        if (*found >= schema_version())
            break;
        auto const lock = profile_lock::take(file);
        if (lock)
            return migrate(on);
        if (lock.error().code != errc::conflict)
            return lock.error();
        std::this_thread::sleep_for(lock_wait);
    }
    return require_schema(on);
}

}  // namespace

result<std::unique_ptr<store>> store::open(boost::asio::io_context& loop, settings chosen)
{
    std::unique_ptr<store> out(new store());
    auto lock = take_lock(chosen.file);
    if (!lock)
        return lock.error();
    out->lock_ = std::move(*lock);

    database_options options;
    options.file = chosen.file;
    options.checkpoints = true;
    options.durable = chosen.durable;
    options.vfs = chosen.vfs;
    options.busy_timeout = daemon_busy_timeout;
    auto writing = database::open(options);
    if (!writing)
        return writing.error();
    if (auto const migrated = migrate(**writing); !migrated)
        return migrated.error();
    options.writable = false;
    options.checkpoints = false;
    auto reading = database::open(options);
    if (!reading)
        return reading.error();
    out->reader_ = std::make_unique<reader>(loop, std::move(*reading), chosen.writing.now);
    out->writer_ = std::make_unique<writer>(loop, std::move(*writing), std::move(chosen.writing));
    return out;
}

result<command_store> command_store::open(std::filesystem::path const& file)
{
    database_options options;
    options.file = file;
    auto opened = database::open(options);
    if (!opened)
        return opened.error();
    if (auto const fits = bring_up_to_date(**opened, file); !fits)
        return fits.error();
    command_store out;
    out.database_ = std::move(*opened);
    return out;
}

result<> command_store::begin()
{
    return guarded(
        "begin",
        [&]() -> result<>
        {
            database_->prepare("BEGIN IMMEDIATE").exec();
            return {};
        }
    );
}

result<> command_store::commit()
{
    return guarded(
        "commit",
        [&]() -> result<>
        {
            database_->prepare("COMMIT").exec();
            return {};
        }
    );
}

}  // namespace linkspan
