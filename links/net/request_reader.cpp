#include "links/net/request_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <limits>

namespace linkspan
{
namespace
{

namespace beast = boost::beast;
namespace http = boost::beast::http;

// The shortest end of a chunked body: "0", CRLF, CRLF.
constexpr std::size_t last_chunk_bytes = 5;

constexpr std::size_t usual_header_count = 16;

// A header of many tiny fields would take many times its bytes in memory.
constexpr std::size_t header_count_max = 128;

std::string to_string(beast::string_view text)
{
    return std::string(text.data(), text.size());
}

// "http://host/path?query" -> "/path?query"; nothing for what is neither in origin-form nor in absolute-form.
std::optional<std::string> origin_form(std::string const& target)
{
    if (target.front() == '/')
        return target;
    auto const scheme_end = target.find("://");
    if (scheme_end == std::string::npos)
        return std::nullopt;
    auto const scheme = beast::string_view(target.data(), scheme_end);
    if (!beast::iequals(scheme, "http") && !beast::iequals(scheme, "https"))
        return std::nullopt;
    auto const path = std::min(target.find_first_of("/?", scheme_end + 3), target.size());
    auto const rest = target.substr(path);
    return !rest.empty() && rest.front() == '/' ? rest : '/' + rest;
}

}  // namespace

// Beast's parser, which writes into our own request. It lives for one request.
class request_reader::message : public http::basic_parser<true>
{
public:
    http_request request;
    bool http_1_0 = false;
    bool expects_continue = false;
    unsigned hosts = 0;

    void restart()
    {
        basic_parser::operator=(message());
        request = http_request();
        http_1_0 = false;
        expects_continue = false;
        hosts = 0;
        lengths_ = 0;
    }

private:
    using error_code = beast::error_code;
    using string_view = beast::string_view;

    void on_request_impl(http::verb, string_view method, string_view target, int version, error_code& ec)
        override
    {
        request.method.assign(method.data(), method.size());
        request.target.assign(target.data(), target.size());
        request.headers.reserve(usual_header_count);
        http_1_0 = version == 10;
        if (request.target.find('#') != std::string::npos)
            ec = http::error::bad_target;
    }

    void on_field_impl(http::field name, string_view name_text, string_view value, error_code& ec) override
    {
        if (is_header_done())  // a trailer
            return;
        if (request.headers.size() == header_count_max)
        {
            ec = http::error::header_limit;
            return;
        }
        request.headers.push_back({to_string(name_text), to_string(value)});
        if (name == http::field::host)
            ++hosts;
        else if (name == http::field::expect)
            expects_continue = beast::iequals(value, "100-continue") && !http_1_0;
        else if (name == http::field::content_length)
        {
            // Beast takes lists and repetitions of one value.
            if (++lengths_ > 1 || value.find_first_not_of("0123456789") != string_view::npos)
                ec = http::error::bad_content_length;
        }
        else if (name == http::field::transfer_encoding)
        {
            // Beast takes a request with any other coding for one without a body.
            if (http_1_0 || !beast::iequals(value, "chunked"))
                ec = http::error::bad_transfer_encoding;
        }
    }

    std::size_t on_body_impl(string_view body, error_code&) override
    {
        request.body.append(body.data(), body.size());
        return body.size();
    }

    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override
    {
        request.body.append(body.data(), body.size());
        return body.size();
    }

    void on_response_impl(int, string_view, int, error_code&) override {}
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    void on_finish_impl(error_code&) override {}

    unsigned lengths_ = 0;
};

request_reader::request_reader(std::size_t header_bytes_max)
    : header_bytes_max_(std::min<std::size_t>(header_bytes_max, std::numeric_limits<std::uint32_t>::max())),
      message_(std::make_unique<message>())
{
    restart();
}

request_reader::~request_reader() = default;

void request_reader::restart()
{
    message_->restart();
    message_->header_limit(static_cast<std::uint32_t>(header_bytes_max_));
    message_->body_limit(boost::none);
    state_ = state::head;
    header_bytes_ = 0;
    body_wants_ = 0;
    status_ = 0;
    why_.clear();
}

std::size_t request_reader::read(std::string_view bytes)
{
    return state_ == state::head ? read_head(bytes) : read_body(bytes);
}

std::size_t request_reader::read_head(std::string_view bytes)
{
    std::size_t taken = 0;
    // RFC 9112, 2.2: empty lines before the request line are ignored.
    bool const begun = header_bytes_ > 0;
    while (!begun && bytes.substr(taken, 2) == "\r\n")
        taken += 2;
    if (!begun && (taken == bytes.size() || bytes.substr(taken) == "\r"))
        return taken;

    beast::error_code ec;
    auto const rest = bytes.substr(taken);
    auto const read = message_->put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    header_bytes_ += read;
    taken += read;
    bool const more = ec == http::error::need_more;
    bool const done = !ec && message_->is_header_done();
    if (ec == http::error::header_limit || (done && header_bytes_ > header_bytes_max_) ||
        (more && header_bytes_ + bytes.size() - taken >= header_bytes_max_))
        fail(
            431,
            "header over " + std::to_string(header_bytes_max_) + " bytes or " +
                std::to_string(header_count_max) + " fields"
        );
    else if (ec && !more)
        fail(400, ec.message());
    else if (done)
        finish_head();
    return taken;
}

void request_reader::finish_head()
{
    auto target = origin_form(message_->request.target);
    if (!target)
        return fail(400, "target neither in origin-form nor in absolute-form");
    if (message_->hosts > 1 || (message_->hosts == 0 && !message_->http_1_0))
        return fail(400, message_->hosts == 0 ? "no Host" : "more than one Host");
    message_->request.target = std::move(*target);
    state_ = message_->is_done() ? state::complete : state::body;
}

std::size_t request_reader::read_body(std::string_view bytes)
{
    std::size_t taken = 0;
    while (state_ == state::body && taken < bytes.size() && bytes.size() - taken >= body_wants_)
    {
        beast::error_code ec;
        taken += message_->put(boost::asio::const_buffer(bytes.data() + taken, bytes.size() - taken), ec);
        body_wants_ = 0;
        if (ec == http::error::need_more)
        {
            // Between chunks. Beast asserts that it is not asked again before a last chunk could be there.
            body_wants_ = std::max(bytes.size() - taken + 1, last_chunk_bytes);
            if (bytes.size() - taken >= header_bytes_max_)
                fail(400, "chunk header or trailer over " + std::to_string(header_bytes_max_) + " bytes");
        }
        else if (ec == http::error::body_limit)
            fail(413, "chunked body over its limit");
        else if (ec)
            fail(400, ec.message());
        else if (message_->is_done())
            state_ = state::complete;
    }
    return taken;
}

void request_reader::admit_body(std::size_t body_bytes_max)
{
    message_->body_limit(body_bytes_max);
    if (auto const length = content_length(); length && *length <= body_bytes_max)
        message_->request.body.reserve(static_cast<std::size_t>(*length));
}

http_request& request_reader::request()
{
    return message_->request;
}

bool request_reader::announces_body() const
{
    return message_->chunked() || message_->content_length().value_or(0) > 0;
}

std::optional<std::uint64_t> request_reader::content_length() const
{
    auto const length = message_->content_length();
    return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

bool request_reader::keep_alive() const
{
    return message_->keep_alive();
}

bool request_reader::http_1_0() const
{
    return message_->http_1_0;
}

bool request_reader::expects_continue() const
{
    return message_->expects_continue;
}

void request_reader::fail(int status, std::string why)
{
    state_ = state::failed;
    status_ = status;
    why_ = std::move(why);
}

}  // namespace linkspan
