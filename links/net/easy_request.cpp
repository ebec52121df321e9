#include "links/net/easy_request.hpp"

#include <boost/algorithm/string/predicate.hpp>
#include <curl/curl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <memory>
#include <system_error>
#include <type_traits>

namespace linkspan
{
namespace
{

// Services and their balancers close connections that idle for a minute or more.
constexpr long reuse_idle_max_seconds = 30;

struct url_deleter
{
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

using url_pointer = std::unique_ptr<CURLU, url_deleter>;

std::string part_of(CURLU* url, CURLUPart part)
{
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK)
        return {};
    std::string const copy(text);
    curl_free(text);
    return copy;
}

bool is_control(char c)
{
    return (c >= 0 && c < 0x20) || c == 0x7f;
}

bool has_control(std::string_view text, char allowed = '\0')
{
    return std::ranges::any_of(
        text, [allowed](char c) { return is_control(c) && (c != allowed || c == '\0'); }
    );
}

std::string_view trimmed(std::string_view text)
{
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

template <class Value>
bool set(CURL* easy, CURLoption option, Value value)
{
    // The function is variadic: anything else would be read as garbage.
    static_assert(std::is_same_v<Value, long> || std::is_same_v<Value, curl_off_t> || std::is_pointer_v<Value>);
    return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

// Whether the certificate was refused because nobody known has signed it, not for its name or its age.
bool is_of_unknown_authority(CURL* easy)
{
    long code = X509_V_OK;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &code);
    return code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT || code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT || code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

// libcurl's text in the manner of ours: lower case, no full stop, and nothing of a peer's that breaks a line.
std::string in_house_style(std::string_view text)
{
    std::string out(trimmed(text));
    std::ranges::replace_if(out, is_control, ' ');
    if (out.size() > 1 && out[0] >= 'A' && out[0] <= 'Z' && out[1] >= 'a' && out[1] <= 'z')
        out[0] = static_cast<char>(out[0] - 'A' + 'a');
    if (out.ends_with('.'))
        out.pop_back();
    return out;
}

}  // namespace

easy_request::easy_request(
    http_request request, exchange_options options, http_client::settings const& settings
)
    : request_(std::move(request)), options_(options), settings_(settings)
{
    static_assert(sizeof(curl_text_) >= CURL_ERROR_SIZE);
}

easy_request::~easy_request()
{
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
}

bool easy_request::prepare()
{
    std::string_view fault = read_url();  // first: it gives refuse() the peer's name
    if (fault.empty())
        fault = fault_of_request();
    if (fault.empty())
        fault = fault_of_proxy();
    if (fault.empty())
    {
        easy_ = curl_easy_init();
        if (easy_ == nullptr || !add_headers() || !set_method() || !set_rest())
            fault = "libcurl refuses a setting, or memory is short";
    }
    if (!fault.empty())
        refuse(fault);
    return fault.empty();
}

std::string_view easy_request::read_url()
{
    if (has_control(request_.target))
        return "the URL has a control character";
    url_pointer const url(curl_url());
    if (!url)
        return "memory is short";
    if (auto const code = curl_url_set(url.get(), CURLUPART_URL, request_.target.c_str(), 0);
        code != CURLUE_OK)
        return curl_url_strerror(code);
    auto const scheme = part_of(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https")
        return "the URL is not http or https";
    peer_ = scheme + "://" + part_of(url.get(), CURLUPART_HOST);
    if (auto const port = part_of(url.get(), CURLUPART_PORT); !port.empty())
        peer_ += ":" + port;
    return {};
}

std::string_view easy_request::fault_of_request() const
{
    if (!is_http_token(request_.method))
        return "the method is not a token";
    for (auto const& header : request_.headers)
    {
        if (!is_http_token(header.name))
            return "the name of a header is not a token";
        if (has_control(header.value, '\t'))
            return "the value of a header has a control character";
        if (boost::algorithm::iequals(header.name, "content-length") ||
            boost::algorithm::iequals(header.name, "transfer-encoding"))
            return "the length of the body is given as a header";
    }
    return {};
}

// libcurl quotes a proxy that it does not understand, with its password.
std::string_view easy_request::fault_of_proxy() const
{
    if (settings_.proxy.empty())
        return {};
    url_pointer const url(curl_url());
    unsigned const flags = CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME;
    bool const is_url = url && !has_control(settings_.proxy) &&
                        curl_url_set(url.get(), CURLUPART_URL, settings_.proxy.c_str(), flags) == CURLUE_OK;
    auto const scheme = is_url ? part_of(url.get(), CURLUPART_SCHEME) : std::string();
    for (auto const* known : {"http", "https", "socks4", "socks4a", "socks5", "socks5h"})
        if (scheme == known)
            return {};
    return "the proxy of the settings is not a URL of a known kind";
}

bool easy_request::add_headers()
{
    auto const add = [this](std::string const& line)
    {
        curl_slist* const longer = curl_slist_append(headers_, line.c_str());
        if (longer != nullptr)
            headers_ = longer;
        return longer != nullptr;
    };
    // No "Expect: 100-continue": it costs a second at peers that do not know it. No form type for bodies that
    // have none.
    bool is_good = add("Expect:");
    if (find_header(request_.headers, "content-type").empty())
        is_good = is_good && add("Content-Type:");
    for (auto const& header : request_.headers)
    {
        auto const value = trimmed(header.value);
        is_good = is_good && add(value.empty() ? header.name + ";" : header.name + ": " + std::string(value));
    }
    return is_good && set(easy_, CURLOPT_HTTPHEADER, headers_) &&
           set(easy_, CURLOPT_HEADEROPT, long{CURLHEADER_SEPARATE});  // a proxy gets none of them
}

bool easy_request::set_method()
{
    auto const& method = request_.method;
    if (method == "HEAD")
        return set(easy_, CURLOPT_NOBODY, 1L);
    bool const has_body = !request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
    if (!has_body)
        return set(easy_, CURLOPT_HTTPGET, 1L) &&
               (method == "GET" || set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str()));
    return set(easy_, CURLOPT_POST, 1L) && set(easy_, CURLOPT_CUSTOMREQUEST, method.c_str()) &&
           set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size())) &&
           set(easy_, CURLOPT_POSTFIELDS, request_.body.data()
           );  // not copied: the request outlives the handle
}

bool easy_request::set_rest()
{
    long const connect_ms =
        std::max(1L, static_cast<long>(options_.connect_timeout.count()));  // 0: its default, 300 s
    bool const is_good =
        set(easy_, CURLOPT_URL, request_.target.c_str()) && set(easy_, CURLOPT_PROTOCOLS_STR, "http,https") &&
        set(easy_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1}) &&
        set(easy_, CURLOPT_FOLLOWLOCATION, 0L) &&
        set(easy_, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2}) &&
        set(easy_, CURLOPT_ACCEPT_ENCODING, "") &&
        set(easy_, CURLOPT_USERAGENT, settings_.user_agent.c_str()) &&
        // An empty proxy or list of exceptions is not "none given": else the environment's would rule.
        set(easy_, CURLOPT_PROXY, settings_.proxy.c_str()) && set(easy_, CURLOPT_NOPROXY, "") &&
        set(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
        (settings_.ca_bundle.empty() || set(easy_, CURLOPT_CAINFO, settings_.ca_bundle.c_str())) &&
        set(easy_, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) && set(easy_, CURLOPT_NOSIGNAL, 1L) &&
        set(easy_, CURLOPT_FRESH_CONNECT, options_.is_alone ? 1L : 0L) &&
        // A POST is never sent twice, so a connection that the peer has closed meanwhile must not be tried.
        set(easy_, CURLOPT_MAXAGE_CONN, reuse_idle_max_seconds) &&
        set(easy_, CURLOPT_FORBID_REUSE, options_.is_alone ? 1L : 0L) &&
        // Without it, giving up joins the thread that waits for a name server, and the whole loop stands
        // still.
        set(easy_, CURLOPT_QUICK_EXIT, 1L);
    void* const self = this;
    return is_good && set(easy_, CURLOPT_ERRORBUFFER, curl_text_.data()) &&
           set(easy_, CURLOPT_PREREQFUNCTION, &easy_request::on_transmission) &&
           set(easy_, CURLOPT_PREREQDATA, self) &&
           set(easy_, CURLOPT_HEADERFUNCTION, &easy_request::on_head) &&
           set(easy_, CURLOPT_HEADERDATA, self) &&
           set(easy_, CURLOPT_WRITEFUNCTION, &easy_request::on_body) && set(easy_, CURLOPT_WRITEDATA, self);
}

// Before every transmission. When a reused connection dies without an answer, libcurl sends a request again
// by itself, a POST too, and no option switches that off: the peer would have it twice and nobody would know.
int easy_request::on_transmission(void* self, char*, char*, int, int)
{
    auto& request = *static_cast<easy_request*>(self);
    int const allowed = request.options_.idempotent ? 1 + repeats_max : 1;
    if (request.transmissions_ == allowed)
    {
        request.is_repeat_refused_ = true;
        return CURL_PREREQFUNC_ABORT;
    }
    ++request.transmissions_;
    request.result_.response = http_response();
    return CURL_PREREQFUNC_OK;
}

std::size_t easy_request::on_head(char* data, std::size_t size, std::size_t count, void* self)
try
{
    bool const is_taken =
        static_cast<easy_request*>(self)->take_head_line(std::string_view(data, size * count));
    return is_taken ? size * count : 0;
}
catch (std::exception const&)  // out of memory: it must not pass through libcurl
{
    return 0;
}

std::size_t easy_request::on_body(char* data, std::size_t size, std::size_t count, void* self)
try
{
    bool const is_taken = static_cast<easy_request*>(self)->take_body(std::string_view(data, size * count));
    return is_taken ? size * count : 0;
}
catch (std::exception const&)
{
    return 0;
}

bool easy_request::take_head_line(std::string_view line)
{
    head_bytes_ += line.size();
    if (head_bytes_ > head_bytes_max)
    {
        overflow_ = "header";
        return false;
    }
    auto& headers = result_.response.headers;
    if (line.starts_with("HTTP/"))  // the next one after a 1xx
    {
        headers.clear();
        is_head_complete_ = false;
    }
    else if (trimmed(line).empty())
        is_head_complete_ = true;
    else if (is_head_complete_)
        return true;  // a trailer: nobody asked for it
    else if ((line[0] == ' ' || line[0] == '\t') && !headers.empty())
        headers.back().value.append(" ").append(trimmed(line));
    else if (auto const colon = line.find(':'); colon != std::string_view::npos)
    {
        auto& added = headers.emplace_back();
        added.name = trimmed(line.substr(0, colon));
        added.value = trimmed(line.substr(colon + 1));
    }
    return true;
}

bool easy_request::take_body(std::string_view part)
{
    auto& body = result_.response.body;
    if (part.size() > options_.response_bytes_max - body.size())
    {
        overflow_ = "body";
        return false;
    }
    body.append(part);
    return true;
}

void easy_request::refuse(std::string_view why)
{
    fail(exchange_fate::not_sent, why);
}

void easy_request::end(int curl_code, ending how)
{
    if (how == ending::by_itself && curl_code == CURLE_OK)
    {
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        result_.response.status = static_cast<int>(status);
        result_.fate = exchange_fate::answered;
        return;
    }
    auto fate = exchange_fate::not_sent;
    if (transmissions_ > 0)
        fate = exchange_fate::unknown;
    else if (how == ending::stopped)
        fate = exchange_fate::cancelled;
    fail(fate, explain(curl_code, how));
    result_.is_oversized = !overflow_.empty();
}

std::string easy_request::explain(int curl_code, ending how) const
{
    if (how == ending::stopped)
        return transmissions_ > 0 ? "stopped by us before the answer was complete"
                                  : "stopped by us before anything was sent";
    if (how == ending::late)
        return "timed out after " + std::to_string(options_.timeout.count()) +
               (transmissions_ > 0 ? " ms without a complete answer" : " ms before anything was sent");
    if (how == ending::unwatchable)
        return "no file descriptor is left";
    if (is_repeat_refused_)
        return "the connection was closed without an answer";
    if (overflow_ == "body")
        return "the body of the answer exceeds " + std::to_string(options_.response_bytes_max) + " bytes";
    if (overflow_ == "header")
        return "the header of the answer exceeds " + std::to_string(head_bytes_max) + " bytes";
    bool const has_text = curl_text_[0] != '\0';
    std::string text = has_text ? curl_text_.data() : curl_easy_strerror(static_cast<CURLcode>(curl_code));
    if (curl_code == CURLE_PEER_FAILED_VERIFICATION && is_of_unknown_authority(easy_))
        return text + "; if that authority is your own, name it as ca_bundle";
    long system_error = 0;
    curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &system_error);
    if (curl_code == CURLE_COULDNT_CONNECT &&
        system_error != 0)  // libcurl does not say refused from unreachable
        text += " (" + std::generic_category().message(static_cast<int>(system_error)) + ")";
    return text;
}

void easy_request::fail(exchange_fate fate, std::string_view why)
{
    result_.fate = fate;
    result_.response = http_response();
    result_.reason = is_http_token(request_.method) ? request_.method : std::string("request");
    if (!peer_.empty())
        result_.reason += " to " + peer_;
    result_.reason += ": " + in_house_style(why);
}

}  // namespace linkspan
