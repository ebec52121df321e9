#include "store/writer.hpp"

#include "store/statement.hpp"

#include <boost/asio/post.hpp>
#include <sys/resource.h>

#include <algorithm>

namespace linkspan
{
namespace
{

// How often BEGIN is tried before the group is told that the database is busy. One try waits for the
// connection's busy timeout.
constexpr int begin_tries = 20;

// How much less of a busy core the reader gets: a third of what another thread gets.
constexpr int reader_nice = 5;

void execute(database& on, char const* sql)
{
    on.prepare(sql).exec();
}

error broken_error()
{
    return error(errc::unavailable, "store: it has failed, the program is stopping");
}

error rolled_back()
{
    return error(errc::unavailable, "store: the transaction was rolled back; the disk may be full");
}

}  // namespace

writer::writer(boost::asio::io_context& loop, std::unique_ptr<database> on, writer_settings settings)
    : loop_(loop),
      database_(std::move(on)),
      settings_(std::make_shared<writer_settings const>(std::move(settings)))
{
    auto const version = database_->data_version();
    data_version_ = version ? *version : 0;
    thread_ = std::thread([this] { run(); });
}

writer::~writer()
{
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void writer::submit(store_job job)
{
    bool broken = false;
    {
        std::scoped_lock const lock(mutex_);
        broken = broken_;
        if (!broken && queue_.size() < settings_->queue_max)
        {
            queue_.push_back(std::move(job));
            if (queue_.size() == 1)
                wake_.notify_one();
            return;
        }
    }
    boost::asio::post(
        loop_,
        [done = std::move(job.done), broken]
        { done(broken ? broken_error() : error(errc::unavailable, "store: its queue of writes is full")); }
    );
}

std::size_t writer::queued() const
{
    std::scoped_lock const lock(mutex_);
    return queue_.size();
}

void writer::run()
{
    auto next_look = std::chrono::steady_clock::now() + settings_->foreign_look;
    for (;;)
    {
        std::vector<store_job> group;
        {
            std::unique_lock lock(mutex_);
            wake_.wait_until(lock, next_look, [this] { return stopping_ || !queue_.empty(); });
            auto const size = std::min(queue_.size(), settings_->group_max);
            group.assign(
                std::make_move_iterator(queue_.begin()),
                std::make_move_iterator(queue_.begin() + std::ptrdiff_t(size))
            );
            queue_.erase(queue_.begin(), queue_.begin() + std::ptrdiff_t(size));
            if (group.empty() && stopping_)
                return;
        }
        if (!group.empty())
            run_group(group);
        if (auto const now = std::chrono::steady_clock::now(); now >= next_look)
        {
            look_for_foreign_commits();
            next_look = now + settings_->foreign_look;
        }
    }
}

// Busy is not a failed commit: nothing was lost, so BEGIN is tried again.
std::optional<error> writer::begin()
{
    for (int tries = 1;; ++tries)
    {
        auto const begun = guarded(
            "begin",
            [&]() -> result<>
            {
                execute(*database_, "BEGIN IMMEDIATE");
                return {};
            }
        );
        if (begun)
            return std::nullopt;
        if (!is_passing(begun.error()) || tries == begin_tries)
            return begun.error();
    }
}

void writer::run_group(std::vector<store_job>& group)
{
    // What was queued before the failure is not tried: a sync that works after one that failed proves
    // nothing.
    if (broken_)
        return finish(std::move(group), broken_error(), false);
    auto failure = commit_group(group);
    bool const is_fatal = failure && !is_passing(*failure);
    if (failure)
        database_->roll_back();
    if (is_fatal)
    {
        std::scoped_lock const lock(mutex_);
        broken_ = true;
    }
    finish(std::move(group), std::move(failure), is_fatal);
}

// Nearly always every write of a group is kept: the first try does without savepoints, which cost a copy of
// each page that a write touches. When one is not kept, all begin again, each behind a savepoint of its own.
std::optional<error> writer::commit_group(std::vector<store_job>& group)
{
    if (auto failure = begin())
        return failure;
    transaction tx(*database_, settings_->now());
    auto const done = guarded(
        "commit",
        [&]() -> result<>
        {
            auto kept = run_together(group, tx);
            if (!kept)
                return kept.error();
            if (!*kept)
            {
                database_->end_reads();
                execute(*database_, "ROLLBACK");
                if (auto const failure = begin())
                    return *failure;
                if (auto const run = run_apart(group, tx); !run)
                    return run.error();
            }
            database_->end_reads();
            execute(*database_, "COMMIT");
            return {};
        }
    );
    if (!done)
        return done.error();
    return std::nullopt;
}

// False as soon as one write wants to be rolled back.
result<bool> writer::run_together(std::vector<store_job>& group, transaction& tx)
{
    for (auto& job : group)
    {
        bool const keep = job.work(tx);
        if (database_->in_autocommit())
            return rolled_back();
        if (!keep)
            return false;
    }
    return true;
}

result<> writer::run_apart(std::vector<store_job>& group, transaction& tx)
{
    for (auto& job : group)
    {
        execute(*database_, "SAVEPOINT one");
        bool const keep = job.work(tx);
        if (database_->in_autocommit())
            return rolled_back();
        if (!keep)
            execute(*database_, "ROLLBACK TO one");
        execute(*database_, "RELEASE one");
    }
    return {};
}

// One post for the whole group: the loop is woken once.
void writer::finish(std::vector<store_job> group, std::optional<error> failure, bool is_fatal)
{
    auto shared = std::make_shared<std::vector<store_job>>(std::move(group));
    for (auto& job : *shared)
        job.work = nullptr;
    boost::asio::post(
        loop_,
        [settings = settings_, shared, failure = std::move(failure), is_fatal]
        {
            if (!failure && settings->on_group)
                settings->on_group(shared->size());
            for (auto& job : *shared)
                job.done(failure);
            if (is_fatal && settings->on_fatal)
                settings->on_fatal(*failure);
        }
    );
}

// Asked on this connection the version moves for commits of other connections only.
void writer::look_for_foreign_commits()
{
    auto const version = database_->data_version();
    if (!version || *version == data_version_)
        return;
    data_version_ = *version;
    if (settings_->on_foreign_commit)
        boost::asio::post(loop_, settings_->on_foreign_commit);
}

reader::reader(boost::asio::io_context& loop, std::unique_ptr<database> on, std::function<time_point()> now)
    : loop_(loop), database_(std::move(on)), now_(std::move(now))
{
    thread_ = std::thread([this] { run(); });
}

reader::~reader()
{
    {
        std::scoped_lock const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void reader::submit(store_job job)
{
    {
        std::scoped_lock const lock(mutex_);
        queue_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void reader::run()
{
    // What is read can wait; what is written is waited for by a sender. This thread only (Linux).
    ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + reader_nice);
    for (;;)
    {
        store_job job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty())
                return;
            job = std::move(queue_.front());
            queue_.pop_front();
        }
        auto const failure = guarded(
            "read",
            [&]() -> result<>
            {
                transaction tx(*database_, now_());
                execute(*database_, "BEGIN");
                job.work(tx);
                database_->end_reads();
                execute(*database_, "COMMIT");
                return {};
            }
        );
        std::optional<error> problem;
        if (!failure)
        {
            problem = failure.error();
            database_->roll_back();
        }
        job.work = nullptr;
        boost::asio::post(
            loop_, [done = std::move(job.done), problem = std::move(problem)] { done(problem); }
        );
    }
}

}  // namespace linkspan
