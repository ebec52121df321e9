#include "links/net/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cassert>
#include <cstring>
#include <exception>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;
using boost::system::error_code;

// Beyond the longest header: what one read may bring of the body, so that a usual webhook is one read.
constexpr std::size_t buffer_extra_bytes = 8 * 1024;

// A longer body goes out by itself instead of being copied behind its header.
constexpr std::size_t body_copied_bytes_max = 16 * 1024;

// What is read and dropped behind a refusal, so that the kernel does not answer unread bytes with a reset,
// which would take the answer from the peer (RFC 9112, 9.6).
constexpr std::size_t linger_bytes_max = 8u << 20;
constexpr milliseconds linger_timeout{2'000};

constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

std::string text_of(std::exception_ptr const& failure)
{
    try
    {
        std::rethrow_exception(failure);
    }
    catch (std::exception const& e)
    {
        return e.what();
    }
    catch (...)
    {
        return "an exception of unknown type";
    }
}

}  // namespace

connection::connection(socket peer, std::shared_ptr<server_shared> shared)
    : socket_(std::move(peer)),
      shared_(std::move(shared)),
      reader_(shared_->limits.header_bytes_max),
      buffer_bytes_(shared_->limits.header_bytes_max + buffer_extra_bytes),
      buffer_(new char[buffer_bytes_])  // make_unique would write zeros over memory that may never be used
{
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.non_blocking(true, ignored);
    enter(phase::idle, shared_->limits.idle_timeout);
}

connection::~connection()
{
    release();
}

asio::awaitable<void> connection::run(std::shared_ptr<connection> self)
{
    bool more = true;
    while (more)
        more = co_await self->serve_one();
    self->close();
}

asio::awaitable<bool> connection::serve_one()
{
    reader_.restart();
    head_ = false;
    enter(phase::idle, shared_->limits.idle_timeout);
    take();  // the peer may have sent several requests at once
    while (reader_.now() == request_reader::state::head)
    {
        if (phase_ == phase::idle && end_ > begin_)
            enter(phase::header, shared_->limits.header_timeout);
        bool const received = co_await fill();
        if (!received)
            co_return co_await end_unread();
        take();
    }
    if (reader_.now() == request_reader::state::failed)
        co_return co_await refuse(reader_.status(), reader_.why());

    head_ = reader_.request().method == "HEAD";
    auto early = admit();
    if (early)
    {
        bool const whole = reader_.now() == request_reader::state::complete;
        co_return co_await answer(std::move(*early), whole && reader_.keep_alive());
    }
    if (reader_.now() == request_reader::state::body)
        take();
    if (reader_.now() != request_reader::state::complete || held_bytes_ < reader_.request().body.size())
    {
        bool const received = co_await read_body();
        if (!received)
            co_return false;
    }
    phase_ = phase::handling;
    deadline_ = clock::time_point::max();
    auto response = co_await handle();
    if (response.status == close_unanswered)
        co_return false;
    co_return co_await answer(std::move(response), reader_.keep_alive());
}

// Reads what is missing of the body. False after it has answered by itself.
asio::awaitable<bool> connection::read_body()
{
    bool const silent_yet = reader_.request().body.empty() && begin_ == end_;
    if (reader_.expects_continue() && silent_yet && reader_.now() == request_reader::state::body)
    {
        enter(phase::writing, shared_->limits.write_timeout);
        bool const written = co_await write(continue_text);
        if (!written)
            co_return false;
    }
    enter(phase::body, shared_->limits.body_timeout);
    for (;;)
    {
        if (reader_.now() == request_reader::state::failed)
            co_return co_await refuse(reader_.status(), reader_.why());
        if (!hold_chunks())
            co_return co_await refuse(503, "too many bytes of bodies in flight");
        if (reader_.now() == request_reader::state::complete)
            co_return true;
        bool const received = co_await fill();
        if (!received)
            co_return co_await end_unread();
        take();
    }
}

// A request has stopped in its middle.
asio::awaitable<bool> connection::end_unread()
{
    if (!late_)
        co_return false;
    std::string why = reader_.now() == request_reader::state::head ? "header" : "body";
    why += " not received in time";
    co_return co_await refuse(408, std::move(why));
}

std::optional<http_response> connection::admit()
{
    try
    {
        auto verdict = shared_->handler.admit(reader_.request());
        if (auto* answer = std::get_if<http_response>(&verdict))
            return std::move(*answer);
        auto const body_bytes_max = std::get<std::size_t>(verdict);
        auto const announced = reader_.content_length().value_or(0);
        if (announced > body_bytes_max)
            return refusal(413, "body over " + std::to_string(body_bytes_max) + " bytes");
        if (!hold(announced))
            return refusal(503, "too many bytes of bodies in flight");
        reader_.admit_body(body_bytes_max);
        return std::nullopt;
    }
    catch (...)
    {
        return refusal(500, "admission: " + text_of(std::current_exception()));
    }
}

asio::awaitable<http_response> connection::handle()
{
    std::exception_ptr failure;
    try
    {
        auto pending = shared_->handler.handle(std::move(reader_.request()));
        auto response = co_await std::move(pending);
        co_return response;
    }
    catch (...)
    {
        failure = std::current_exception();
    }
    co_return refusal(500, "handler: " + text_of(failure));
}

http_response connection::refusal(int status, std::string const& why)
{
    shared_->observer.refused(status, why);
    http_response response(status, (status == 500 ? "internal error" : why) + "\n");
    response.headers.push_back({"Content-Type", "text/plain"});
    if (status == 503)
        response.headers.push_back({"Retry-After", "1"});
    return response;
}

asio::awaitable<bool> connection::refuse(int status, std::string why)
{
    auto response = refusal(status, why);
    co_return co_await answer(std::move(response), false);
}

asio::awaitable<bool> connection::answer(http_response response, bool keep_alive)
{
    release();
    if (!is_sendable(response))
        response = refusal(500, "answer with a bad status or header");
    response_framing framing;
    framing.head = head_;
    framing.keep_alive = keep_alive && !shared_->draining && !wants_close(response);
    framing.http_1_0 = reader_.http_1_0();
    framing.date = shared_->date.at(std::time(nullptr));
    out_.clear();
    append_head(out_, response, framing);
    std::string_view apart;
    if (has_body(response, framing))
    {
        if (response.body.size() <= body_copied_bytes_max)
            out_ += response.body;
        else
            apart = response.body;
    }

    enter(phase::writing, shared_->limits.write_timeout);
    auto const rest = write_now(out_);
    if (!rest.empty() || !apart.empty())
    {
        bool written = co_await write(rest);
        if (written)
            written = co_await write(apart);
        if (!written)
            co_return false;
    }
    if (!framing.keep_alive)
        co_await linger();
    co_return framing.keep_alive;
}

// Writes what the kernel takes at once and returns the rest; an error shows itself again in write().
std::string_view connection::write_now(std::string_view text)
{
    error_code failed;
    auto const written = socket_.write_some(asio::buffer(text.data(), text.size()), failed);
    return text.substr(written);
}

asio::awaitable<bool> connection::write(std::string_view text)
{
    while (!text.empty())
    {
        error_code failed;
        text.remove_prefix(socket_.write_some(asio::buffer(text.data(), text.size()), failed));
        if (failed == asio::error::would_block)
            co_await socket_.async_wait(
                socket::wait_write, asio::redirect_error(asio::use_awaitable, failed)
            );
        if (failed)
            co_return false;
    }
    co_return true;
}

// Ends our side, then drops what the peer still sends.
asio::awaitable<void> connection::linger()
{
    error_code failed;
    bool const unread = reader_.now() != request_reader::state::complete || end_ > begin_;
    if (!unread && (socket_.available(failed) == 0 || failed))
        co_return;
    enter(phase::lingering, linger_timeout);
    socket_.shutdown(socket::shutdown_send, failed);
    for (std::size_t dropped = 0; dropped < linger_bytes_max;)
    {
        begin_ = end_ = 0;
        bool const received = co_await fill();
        if (!received)
            co_return;
        dropped += end_;
    }
}

asio::awaitable<bool> connection::fill()
{
    if (late_)
        co_return false;
    if (begin_ > 0)
    {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    assert(end_ < buffer_bytes_);  // the reader fails before it lets the buffer fill up
    error_code failed;
    auto const received = co_await socket_.async_read_some(
        asio::buffer(buffer_.get() + end_, buffer_bytes_ - end_),
        asio::redirect_error(asio::use_awaitable, failed)
    );
    end_ += received;
    // Closed by us between the arrival of the bytes and here: nobody may act on them any more.
    co_return !failed && socket_.is_open();
}

void connection::take()
{
    begin_ += reader_.read(std::string_view(buffer_.get() + begin_, end_ - begin_));
}

bool connection::hold(std::uint64_t bytes)
{
    auto const room = shared_->limits.in_flight_bytes_max -
                      std::min(shared_->limits.in_flight_bytes_max, shared_->in_flight_bytes);
    if (bytes > room)
        return false;
    held_bytes_ += static_cast<std::size_t>(bytes);
    shared_->in_flight_bytes += static_cast<std::size_t>(bytes);
    return true;
}

// A chunked body announces no length: it is counted as it comes.
bool connection::hold_chunks()
{
    auto const received = reader_.request().body.size();
    return received <= held_bytes_ || hold(received - held_bytes_);
}

void connection::release()
{
    shared_->in_flight_bytes -= held_bytes_;
    held_bytes_ = 0;
    std::string().swap(reader_.request().body);
}

void connection::enter(phase next, milliseconds limit)
{
    phase_ = next;
    deadline_ = clock::now() + limit;
    late_ = false;
}

void connection::sweep(clock::time_point now)
{
    if (now < deadline_)
        return;
    if (phase_ == phase::header || phase_ == phase::body)
    {
        late_ = true;
        error_code ignored;
        socket_.cancel(ignored);
    }
    else
        close();
}

void connection::close_if_idle()
{
    if (phase_ == phase::idle)
        close();
}

void connection::close()
{
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace linkspan
