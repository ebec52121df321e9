#include "links/net/client.hpp"

#include "links/net/easy_request.hpp"
#include "links/net/suspension.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <functional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

// A static, because curl_global_init must be done once, before anything else, and by one thread.
bool start_libcurl()
{
    static CURLcode const code = curl_global_init(CURL_GLOBAL_DEFAULT);
    return code == CURLE_OK;
}

// One socket of libcurl's that we poll. A duplicate: Asio may close it whenever it likes, libcurl's own stays
// its own.
struct watched_socket
{
    asio::posix::stream_descriptor descriptor;
    curl_socket_t curl_socket;
    int wants = 0;  // CURL_POLL_IN | CURL_POLL_OUT; 0 once removed
    std::array<bool, 3> is_waiting =
        {};  // an async_wait is pending; index CURL_POLL_IN (1) or CURL_POLL_OUT (2)

    watched_socket(asio::io_context& loop, curl_socket_t curl_socket)
        : descriptor(loop), curl_socket(curl_socket)
    {
    }
};

}  // namespace

class http_client::impl
{
public:
    impl(asio::io_context& loop, settings chosen);
    ~impl();
    impl(impl const&) = delete;
    impl& operator=(impl const&) = delete;

    asio::awaitable<exchange> send(http_request request, exchange_options options);
    void cancel();
    std::size_t in_flight() const { return running_.size(); }

private:
    struct transfer
    {
        easy_request* request;
        std::function<void()> resume;  // owns the suspended coroutine, and so *request
        // Ours: libcurl 7.88 may miss its own by less than a millisecond, and looks again when its next timer
        // fires. millisecond.
        asio::steady_timer deadline;
        bool is_unwatchable = false;

        transfer(asio::io_context& loop, easy_request* request, std::function<void()> resume)
            : request(request), resume(std::move(resume)), deadline(loop)
        {
        }
    };

    asio::awaitable<void> run(easy_request& request);
    void start(easy_request& request, std::function<void()> resume, asio::cancellation_slot slot);
    void end(CURL* easy, CURLcode code, ending how);
    void end_unwatchable();

    static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*);
    static int on_timer(CURLM*, long delay_ms, void* self);
    bool watch(curl_socket_t socket, int what);
    void unwatch(curl_socket_t socket);
    void arm(std::shared_ptr<watched_socket> watched, int direction);
    void act(curl_socket_t socket, int mask);

    asio::io_context& loop_;
    settings const settings_;
    asio::steady_timer timer_;
    std::shared_ptr<void> alive_ =
        std::make_shared<char>();  // expires for handlers that the loop still holds
    std::unordered_map<curl_socket_t, std::shared_ptr<watched_socket>> sockets_;
    std::unordered_map<CURL*, std::shared_ptr<transfer>> running_;
    CURLM* multi_ = nullptr;
};

http_client::impl::impl(asio::io_context& loop, settings chosen)
    : loop_(loop),
      settings_(std::move(chosen)),
      timer_(loop),
      multi_(start_libcurl() ? curl_multi_init() : nullptr)
{
    if (multi_ == nullptr)
        return;  // send() says so
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &impl::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &impl::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, settings_.connections_max);
}

http_client::impl::~impl()
{
    // There should be none. Where there are, dropping `resume` destroys the suspended coroutine with its easy
    // handle.
    auto dropped = std::exchange(running_, {});
    for (auto const& [easy, transfer] : dropped)
        curl_multi_remove_handle(multi_, easy);
    dropped.clear();
    curl_multi_cleanup(multi_);  // still calls on_socket and on_timer
}

asio::awaitable<exchange> http_client::impl::send(http_request sent, exchange_options options)
{
    // Asio would throw out of the next co_await of a coroutine that has been cancelled; send() reports
    // instead.
    bool const throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const state = co_await asio::this_coro::cancellation_state;

    easy_request request(std::move(sent), options, settings_);
    if (state.cancelled() != asio::cancellation_type::none)
        request.end(CURLE_ABORTED_BY_CALLBACK, ending::stopped);
    else if (multi_ == nullptr)
        request.refuse("libcurl does not start");
    else if (request.prepare())
        co_await run(request);

    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return request.take_result();
}

asio::awaitable<void> http_client::impl::run(easy_request& request)
{
    auto begin = [this, &request](std::function<void()> resume, asio::cancellation_slot slot)
    { start(request, std::move(resume), slot); };
    return suspend(loop_, std::move(begin));
}

void http_client::impl::start(
    easy_request& request, std::function<void()> resume, asio::cancellation_slot slot
)
{
    CURL* const easy = request.easy();
    if (auto const code = curl_multi_add_handle(multi_, easy); code != CURLM_OK)
    {
        request.refuse(curl_multi_strerror(code));
        return resume();
    }
    auto const added = std::make_shared<transfer>(loop_, &request, std::move(resume));
    running_.emplace(easy, added);
    added->deadline.expires_after(request.timeout());
    added->deadline.async_wait(
        [this, easy, weak = std::weak_ptr<transfer>(added)](boost::system::error_code failure)
        {
            if (!failure && !weak.expired())
                end(easy, CURLE_OPERATION_TIMEDOUT, ending::late);
        }
    );
    if (slot.is_connected())
        slot.assign(
            [this, easy, weak = std::weak_ptr<transfer>(added)](asio::cancellation_type)
            {
                if (!weak.expired())
                    end(easy, CURLE_ABORTED_BY_CALLBACK, ending::stopped);
            }
        );
}

// The only way out of running_, for answers, failures and cancellation. Never from inside a callback of
// libcurl: there it refuses to let go of a handle.
void http_client::impl::end(CURL* easy, CURLcode code, ending how)
{
    auto const found = running_.find(easy);
    if (found == running_.end())
        return;
    auto const ended = std::move(found->second);
    running_.erase(found);
    ended->request->end(code, how);
    curl_multi_remove_handle(multi_, easy);
    ended->resume();
}

void http_client::impl::cancel()
{
    while (!running_.empty())
        end(running_.begin()->first, CURLE_ABORTED_BY_CALLBACK, ending::stopped);
}

// libcurl calls this from curl_multi_socket_action, _add_handle, _remove_handle and _cleanup: note and arm,
// never call libcurl from here. A result other than 0 would kill the multi handle for good.
int http_client::impl::on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void*)
{
    auto& client = *static_cast<impl*>(self);
    if (what == CURL_POLL_REMOVE)
        client.unwatch(socket);
    else if (!client.watch(socket, what))
        if (auto const found = client.running_.find(easy); found != client.running_.end())
        {
            found->second->is_unwatchable = true;
            asio::post(
                client.loop_,
                [&client, alive = std::weak_ptr<void>(client.alive_)]
                {
                    if (!alive.expired())
                        client.end_unwatchable();
                }
            );
        }
    return 0;
}

void http_client::impl::end_unwatchable()
{
    std::vector<CURL*> handles;
    for (auto const& [easy, transfer] : running_)
        if (transfer->is_unwatchable)
            handles.push_back(easy);
    for (CURL* const easy : handles)
        end(easy, CURLE_OUT_OF_MEMORY, ending::unwatchable);
}

bool http_client::impl::watch(curl_socket_t socket, int what)
{
    auto& watched = sockets_[socket];
    if (!watched)
    {
        auto added = std::make_shared<watched_socket>(loop_, socket);
        int const duplicate = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
        boost::system::error_code failure;
        if (duplicate >= 0)
            added->descriptor.assign(duplicate, failure);
        if (duplicate >= 0 && failure)
            ::close(duplicate);
        if (duplicate < 0 || failure)
        {
            sockets_.erase(socket);
            return false;
        }
        watched = std::move(added);
    }
    watched->wants = what;
    for (int const direction : {CURL_POLL_IN, CURL_POLL_OUT})
        if ((what & direction) != 0)
            arm(watched, direction);
    return true;
}

void http_client::impl::unwatch(curl_socket_t socket)
{
    auto const found = sockets_.find(socket);
    if (found == sockets_.end())
        return;
    auto const watched = std::move(found->second);
    sockets_.erase(found);
    watched->wants = 0;
    boost::system::error_code ignored;
    watched->descriptor.close(ignored);  // else the peer would not see our end of the connection close
}

void http_client::impl::arm(std::shared_ptr<watched_socket> watched, int direction)
{
    if (std::exchange(watched->is_waiting.at(static_cast<std::size_t>(direction)), true))
        return;
    using base = asio::posix::descriptor_base;
    auto& descriptor = watched->descriptor;
    auto ready = [this, direction, watched = std::move(watched), alive = std::weak_ptr<void>(alive_)](
                     boost::system::error_code failure
                 )
    {
        watched->is_waiting.at(static_cast<std::size_t>(direction)) = false;
        if (alive.expired() || failure == asio::error::operation_aborted || (watched->wants & direction) == 0)
            return;
        int const seen = direction == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        act(watched->curl_socket, failure ? CURL_CSELECT_ERR : seen);
        if ((watched->wants & direction) != 0)  // act() may have changed it
            arm(watched, direction);
    };
    descriptor.async_wait(direction == CURL_POLL_IN ? base::wait_read : base::wait_write, std::move(ready));
}

// Always through the loop, also for 0 ms: libcurl must not be called from inside its own callback.
int http_client::impl::on_timer(CURLM*, long delay_ms, void* self)
{
    auto& client = *static_cast<impl*>(self);
    if (delay_ms < 0)
    {
        client.timer_.cancel();
        return 0;
    }
    client.timer_.expires_after(milliseconds(delay_ms));
    client.timer_.async_wait(
        [&client, alive = std::weak_ptr<void>(client.alive_)](boost::system::error_code failure)
        {
            if (!failure && !alive.expired())
                client.act(CURL_SOCKET_TIMEOUT, 0);
        }
    );
    return 0;
}

void http_client::impl::act(curl_socket_t socket, int mask)
{
    int running = 0;
    curl_multi_socket_action(multi_, socket, mask, &running);
    int left = 0;
    while (CURLMsg const* const message = curl_multi_info_read(multi_, &left))
        if (message->msg == CURLMSG_DONE)
            end(message->easy_handle, message->data.result, ending::by_itself);
}

http_client::http_client(asio::io_context& loop, settings chosen)
    : impl_(std::make_unique<impl>(loop, std::move(chosen)))
{
}

http_client::~http_client() = default;

asio::awaitable<exchange> http_client::send(http_request request, exchange_options options)
{
    return impl_->send(std::move(request), options);
}

void http_client::cancel()
{
    impl_->cancel();
}

std::size_t http_client::in_flight() const
{
    return impl_->in_flight();
}

}  // namespace linkspan
