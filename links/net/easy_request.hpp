#pragma once
#include "links/net/client.hpp"

#include <array>
#include <string>
#include <string_view>

struct curl_slist;

namespace linkspan
{

// Why a transfer ended.
enum class ending
{
    by_itself,    // libcurl says how
    stopped,      // by us
    late,         // its time was over
    unwatchable,  // no file descriptor was left to poll its socket with
};

// One exchange of http_client as one easy handle of libcurl: what is asked of libcurl, what has come back,
// and the verdict on how it ended. The client's own part, without the loop: no header of libcurl is needed to
// include it (a CURL* is a void*, a CURLcode an int).
class easy_request
{
public:
    easy_request(http_request request, exchange_options options, http_client::settings const& settings);
    ~easy_request();
    easy_request(easy_request const&) = delete;
    easy_request& operator=(easy_request const&) = delete;

    // Judges the request and sets up the handle. False when it can never be sent: the result then says why.
    bool prepare();

    void* easy() { return easy_; }
    milliseconds timeout() const { return options_.timeout; }  // the caller keeps it

    // The verdicts: exactly one is called, once.
    void refuse(std::string_view why);  // nothing of it was or will be sent
    void end(int curl_code, ending how);

    exchange take_result() { return std::move(result_); }

    static constexpr std::size_t head_bytes_max =
        64 * 1024;                         // all header lines of an answer; a flood fails the exchange
    static constexpr int repeats_max = 1;  // of an idempotent request

private:
    std::string_view fault_of_request() const;
    std::string_view read_url();
    std::string_view fault_of_proxy() const;
    bool add_headers();
    bool set_method();
    bool set_rest();
    std::string explain(int curl_code, ending how) const;
    void fail(exchange_fate fate, std::string_view why);

    static std::size_t on_head(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    static int on_transmission(void* self, char*, char*, int, int);
    bool take_head_line(std::string_view line);
    bool take_body(std::string_view part);

    http_request request_;
    exchange_options options_;
    http_client::settings const& settings_;
    void* easy_ = nullptr;
    curl_slist* headers_ = nullptr;
    std::array<char, 256> curl_text_{};
    std::string peer_;  // "https://example.org:8443", for reasons: never user, path or query of the URL

    int transmissions_ = 0;  // how often libcurl has begun to send it
    bool is_repeat_refused_ = false;
    bool is_head_complete_ = false;
    std::size_t head_bytes_ = 0;
    std::string_view overflow_;  // what we did not take of the answer
    exchange result_;
};

}  // namespace linkspan
