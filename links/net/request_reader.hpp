#pragma once
#include "links/net/http.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// Reads one HTTP/1.0 or HTTP/1.1 request (RFC 9112) out of bytes that come in pieces of any size. No I/O.
//
//     head --header complete, body follows--> body --last byte--> complete
//       \--header complete, no body-----------------------------> complete
//     head, body --what is no request, or is over a limit-------> failed
//
// Stricter than the RFC demands where two readers of one stream could disagree about the end of a request:
// one Content-Length at most and nothing but digits in it, no Transfer-Encoding but "chunked" and that in
// HTTP/1.1 only, never both, and exactly one Host in HTTP/1.1. Trailers of a chunked body are read and
// dropped.
class request_reader
{
public:
    enum class state
    {
        head,
        body,
        complete,
        failed,
    };

    explicit request_reader(std::size_t header_bytes_max);
    ~request_reader();
    request_reader(request_reader const&) = delete;
    request_reader& operator=(request_reader const&) = delete;

    // Forgets everything and begins the next request. The limit of the body is 0 again.
    void restart();

    // Takes bytes from the front and returns how many; the rest must come again, with more behind it. Stops
    // at the end of the header and at the end of the request. Call it only in `head` and `body`.
    std::size_t read(std::string_view bytes);

    state now() const { return state_; }

    // After the header: how many bytes the body may have, and room for what is announced. A chunked body
    // beyond it fails with 413; an announced one must be compared by the caller.
    void admit_body(std::size_t body_bytes_max);

    // After the header. The target is in origin-form ("/webhook/x?y") whichever form was sent.
    http_request& request();
    bool announces_body() const;
    std::optional<std::uint64_t> content_length() const;  // none for a chunked body
    bool keep_alive() const;
    bool http_1_0() const;
    bool expects_continue() const;

    // After `failed`: 400, 413 or 431, and why in a few words.
    int status() const { return status_; }
    std::string const& why() const { return why_; }

private:
    class message;

    std::size_t read_head(std::string_view bytes);
    std::size_t read_body(std::string_view bytes);
    void finish_head();
    void fail(int status, std::string why);

    std::size_t const header_bytes_max_;
    std::unique_ptr<message> message_;
    state state_ = state::head;
    std::size_t header_bytes_ = 0;  // taken so far
    std::size_t body_wants_ = 0;    // bytes below which it is pointless to look again
    int status_ = 0;
    std::string why_;
};

}  // namespace linkspan
