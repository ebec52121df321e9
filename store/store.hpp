#pragma once
#include "core/base/time.hpp"
#include "store/database.hpp"
#include "store/profile_lock.hpp"
#include "store/writer.hpp"

#include <filesystem>
#include <memory>

namespace linkspan
{

// How long a loop waits before it tries again, after a full disk or a busy database.
inline constexpr milliseconds wait_for_store{1'000};

// The store of the daemon: the profile's lock, the writer and the reader. Declare it behind the io_context,
// so that it goes first.
class store
{
public:
    struct settings
    {
        std::filesystem::path file;
        durability durable = durability::full;
        std::string vfs;
        writer_settings writing;

        settings() {}
    };

    // Takes the lock, migrates, and starts the threads. Errors as profile_lock, database and migrate.
    static result<std::unique_ptr<store>> open(boost::asio::io_context& loop, settings chosen);

    template <class T>
    boost::asio::awaitable<result<T>> write(std::function<result<T>(transaction&)> work)
    {
        return writer_->write<T>(std::move(work));
    }

    template <class T>
    boost::asio::awaitable<result<T>> read(std::function<result<T>(transaction&)> work)
    {
        return reader_->read<T>(std::move(work));
    }

    // write() without a coroutine, for the one path on which every microsecond counts.
    void submit(store_job job) { writer_->submit(std::move(job)); }

    std::size_t queued_writes() const { return writer_->queued(); }

private:
    store() = default;

    profile_lock lock_;
    std::unique_ptr<writer> writer_;
    std::unique_ptr<reader> reader_;
};

// The database of a command: opened, used and closed on the caller's thread. Where no daemon holds the
// profile, it migrates first; it never checkpoints.
class command_store
{
public:
    static result<command_store> open(std::filesystem::path const& file);

    // Runs work in one transaction (BEGIN IMMEDIATE). No network, prompt or wait inside.
    template <class T>
    result<T> write(time_point now, std::function<result<T>(transaction&)> const& work);

    template <class T>
    result<T> read(time_point now, std::function<result<T>(transaction&)> const& work)
    {
        transaction tx(*database_, now);
        auto answer = work(tx);
        database_->end_reads();
        return answer;
    }

    command_store() = default;

private:
    result<> begin();
    result<> commit();

    std::unique_ptr<database> database_;
};

template <class T>
result<T> command_store::write(time_point now, std::function<result<T>(transaction&)> const& work)
{
    if (auto const begun = begin(); !begun)
        return begun.error();
    transaction tx(*database_, now);
    auto answer = work(tx);
    database_->end_reads();
    if (!answer)
    {
        database_->roll_back();
        return answer;
    }
    if (auto const committed = commit(); !committed)
    {
        database_->roll_back();
        return committed.error();
    }
    return answer;
}

}  // namespace linkspan
