#pragma once
#include "core/base/error.hpp"
#include "store/database.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace linkspan
{

// A piece of work for a thread of the store, and what its caller gets. `work` runs on that thread; `done` on
// the loop, once the work is durable (or has failed for the reason given).
struct store_job
{
    // False: roll this piece back, and it alone. Runs a second time when another write of its group was
    // rolled back.
    std::function<bool(transaction&)> work;
    std::function<void(std::optional<error> failure)> done;  // a failure of the group, not of the work
};

struct writer_settings
{
    std::size_t queue_max =
        4096;  // further writes are refused with errc::unavailable: a webhook is answered 503
    std::size_t group_max = 256;  // writes of one commit; more gained nothing when measured
    std::function<time_point()> now;
    std::function<void()> on_foreign_commit;         // another process has written; called on the loop
    std::function<void(std::size_t rows)> on_group;  // a group was committed; called on the loop
    // A commit or a sync failed: what is on disk is not known, and nothing more is written. Called once, on
    // the loop.
    std::function<void(error)> on_fatal;
    milliseconds foreign_look{500};  // how often the writer asks whether another process has committed

    writer_settings() {}
};

// The only read-write connection, on a thread of its own. Waiting writes share one commit (group commit); a
// failure rolls back its own rows only.
class writer
{
public:
    writer(boost::asio::io_context& loop, std::unique_ptr<database> on, writer_settings settings);
    ~writer();  // finishes what is queued
    writer(writer const&) = delete;
    writer& operator=(writer const&) = delete;

    // Runs work in a transaction, twice where a neighbour in the group fails. Returns when it is durable.
    // errc::unavailable: the queue is full, the disk is full or another process holds the database: nothing
    // was written, try again. errc::internal: the store is broken.
    template <class T>
    boost::asio::awaitable<result<T>> write(std::function<result<T>(transaction&)> work);

    void submit(store_job job);  // from the loop's thread

    std::size_t queued() const;

private:
    void run();
    void run_group(std::vector<store_job>& group);
    std::optional<error> commit_group(std::vector<store_job>& group);
    result<bool> run_together(std::vector<store_job>& group, transaction& tx);
    result<> run_apart(std::vector<store_job>& group, transaction& tx);
    std::optional<error> begin();
    void finish(std::vector<store_job> group, std::optional<error> failure, bool is_fatal);
    void look_for_foreign_commits();

    boost::asio::io_context& loop_;
    std::unique_ptr<database> database_;
    std::shared_ptr<writer_settings const>
        settings_;  // shared with what is posted: the loop may run after we are gone
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<store_job> queue_;
    std::int64_t data_version_ = 0;
    bool stopping_ = false;
    bool broken_ = false;
    std::thread thread_;
};

// One read-only connection on a thread of its own. Each piece of work sees one consistent state.
class reader
{
public:
    reader(boost::asio::io_context& loop, std::unique_ptr<database> on, std::function<time_point()> now);
    ~reader();
    reader(reader const&) = delete;
    reader& operator=(reader const&) = delete;

    template <class T>
    boost::asio::awaitable<result<T>> read(std::function<result<T>(transaction&)> work);

    void submit(store_job job);

private:
    void run();

    boost::asio::io_context& loop_;
    std::unique_ptr<database> database_;
    std::function<time_point()> now_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<store_job> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

// Hands work to a thread of the store and suspends the caller until its result is there. Not a coroutine
// itself (asio issue 1007).
template <class T, class Submit>
boost::asio::awaitable<result<T>> run_on_store(
    boost::asio::io_context& loop, Submit submit, std::function<result<T>(transaction&)> work
)
{
    struct pending
    {
        std::function<result<T>(transaction&)> work;
        result<T> answer = error(errc::internal, "store: the work did not run");
    };
    auto state = std::make_shared<pending>();
    state->work = std::move(work);
    return boost::asio::async_initiate<boost::asio::use_awaitable_t<> const, void(result<T>)>(
        [&loop](auto handler, Submit send, std::shared_ptr<pending> shared_state)
        {
            // The guard keeps run() alive while the only thing left to do is in the store.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            auto guard = boost::asio::make_work_guard(loop);
            store_job job;
            job.work = [shared_state](transaction& tx)
            {
                shared_state->answer = shared_state->work(tx);
                return shared_state->answer.has_value();
            };
            job.done = [shared_state, shared, guard](std::optional<error> failure)
            {
                result<T> answer = std::move(shared_state->answer);
                shared_state->work = nullptr;
                if (failure)
                    answer = *failure;
                std::move (*shared)(std::move(answer));
            };
            send(std::move(job));
        },
        boost::asio::use_awaitable,
        std::move(submit),
        std::move(state)
    );
}

template <class T>
boost::asio::awaitable<result<T>> writer::write(std::function<result<T>(transaction&)> work)
{
    return run_on_store<T>(
        loop_, [this](store_job job) { submit(std::move(job)); }, std::move(work)
    );
}

template <class T>
boost::asio::awaitable<result<T>> reader::read(std::function<result<T>(transaction&)> work)
{
    return run_on_store<T>(
        loop_, [this](store_job job) { submit(std::move(job)); }, std::move(work)
    );
}

}  // namespace linkspan
