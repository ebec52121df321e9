#include "links/oauth/client.hpp"

#include "core/oauth/form.hpp"
#include "links/net/base64.hpp"
#include "links/net/sha256.hpp"

#include <boost/url/parse.hpp>

#include <algorithm>
#include <charconv>

namespace linkspan::oauth
{
namespace
{

// No service asks for more; one that does is asked again after that all the same.
constexpr milliseconds wait_max{24 * 3600 * 1000};
constexpr std::size_t host_bytes_max = 255;

// RFC 9110, 10.2.3, in seconds; a date is not read, the back-off is as good.
std::optional<milliseconds> asked_wait(http_response const& answer)
{
    auto const header = find_header(answer.headers, "Retry-After");
    std::int64_t number = 0;
    auto const [end, failure] = std::from_chars(header.data(), header.data() + header.size(), number);
    bool const whole = !header.empty() && end == header.data() + header.size();
    if (failure == std::errc::result_out_of_range && whole && !header.starts_with('-'))
        return wait_max;
    if (failure != std::errc() || !whole || number < 0)
        return std::nullopt;
    return number > wait_max.count() / 1000 ? wait_max : milliseconds(number * 1000);
}

bool is_redirect(int status)
{
    return status >= 300 && status < 400;
}

std::string words_of_redirect(http_response const& answer)
{
    auto const header = find_header(answer.headers, "Location");
    auto const to = boost::urls::parse_uri(header);
    std::string where = "another path";
    if (to && !to->host().empty() && to->host().size() <= host_bytes_max)
        where = std::string(to->encoded_host());
    return "the token endpoint answers with a redirect to " + where + " (status " +
           std::to_string(answer.status) + "); it is not followed: correct the URL of the token endpoint";
}

token_answer read_answered(http_response const& answer, token_dialect dialect, time_point asked_at)
{
    if (is_redirect(answer.status))
        return {token_fate::misused, words_of_redirect(answer)};
    auto out = read_token_answer(answer.status, answer.body, dialect, asked_at);
    if (out.fate == token_fate::unavailable)
        out.wait = asked_wait(answer);
    return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view by)
{
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

void wipe(std::string& text)
{
    for (char volatile& c : text)
        c = 0;
    text.clear();
}

// A service may repeat what it was given. A text shorter than that is no secret that could be told apart.
constexpr std::size_t hidden_bytes_min = 6;

void hide(std::string& words, secret const& hidden)
{
    auto const text = hidden.reveal();
    if (text.size() < hidden_bytes_min)
        return;
    replace_all(words, text, "[...]");
    replace_all(words, encode_form(text), "[...]");
    std::string escaped(text);
    replace_all(escaped, "/", "\\/");  // as some write JSON
    replace_all(words, escaped, "[...]");
    wipe(escaped);
}

// The service's words without what it was sent, of an answer that grants nothing. Hidden before the words are
// cut: of a token that is cut off nobody would know that it is one.
void hide(token_answer& out, exchange& ended, token_dialect dialect, std::vector<secret> const& all)
{
    for (auto const& hidden : all)
        hide(ended.response.body, hidden);
    out.words = read_exchange(ended, dialect, time_point()).words;
    for (auto const& hidden : all)
    {
        hide(out.words, hidden);
        hide(out.error_code, hidden);
    }
}

// What a call of the token endpoint sends besides the client's own proof.
struct token_call
{
    std::string form;
    std::vector<secret> secrets;  // of the form: no words of the answer may repeat them

    token_call() = default;
};

http_request request_of(client const& of, std::string const& url, std::string form)
{
    http_request request("POST", url);
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.headers.push_back({"Accept", "application/json"});
    // A client without a secret is a public one, and says who it is in the form (RFC 6749, 3.2.1).
    if (of.proof == client_proof::basic && !of.client_secret.empty())
    {
        auto both = encode_form(of.client_id) + ":" + encode_form(of.client_secret.reveal());
        request.headers.push_back({"Authorization", "Basic " + encode_base64(both)});
        wipe(both);
    }
    else
    {
        add_field(form, "client_id", of.client_id);
        if (!of.client_secret.empty())
            add_field(form, "client_secret", of.client_secret.reveal());
    }
    request.body = std::move(form);
    return request;
}

exchange_options call_options()
{
    exchange_options options;
    options.timeout = token_call_timeout;
    options.response_bytes_max = token_answer_bytes_max;
    options.is_alone = true;  // a code and a refresh token work once: no answer costs a sign-in
    return options;
}

boost::asio::awaitable<token_answer> call(http_client& http, client of, token_call sent, time_point now)
{
    auto request = request_of(of, of.token_url, std::move(sent.form));
    auto ended = co_await http.send(std::move(request), call_options());
    auto out = read_exchange(ended, of.dialect, now);
    sent.secrets.push_back(std::move(of.client_secret));
    if (out.fate != token_fate::granted)
        hide(out, ended, of.dialect, sent.secrets);
    wipe(ended.response.body);
    co_return out;
}

}  // namespace

std::string to_base64url(std::string_view bytes)
{
    return encode_base64url(bytes);
}

std::string hash_of(secret const& text)
{
    auto const digest = sha256(text.reveal());
    return encode_base64url({reinterpret_cast<char const*>(digest.data()), digest.size()});
}

secret random_text(std::span<std::uint8_t const, 32> random)
{
    auto text = encode_base64url({reinterpret_cast<char const*>(random.data()), random.size()});
    secret kept(text);
    wipe(text);
    return kept;
}

std::string authorization_url(
    client const& of, std::string_view redirect_url, secret const& state, secret const& verifier
)
{
    std::string query;
    add_field(query, "client_id", of.client_id);
    add_field(query, "response_type", "code");
    add_field(query, "redirect_uri", redirect_url);
    add_field(query, "state", state.reveal());
    if (!of.scopes.empty())
        add_field(query, "scope", of.scopes);
    if (of.pkce)
    {
        add_field(query, "code_challenge", hash_of(verifier));
        add_field(query, "code_challenge_method", "S256");
    }
    if (!of.authorize_params.empty())
        query += "&" + of.authorize_params;
    bool const has_query = of.authorize_url.find('?') != std::string::npos;
    return of.authorize_url + (has_query ? "&" : "?") + query;
}

boost::asio::awaitable<token_answer> exchange_code(
    http_client& http, client of, secret code, std::string redirect_url, secret verifier, time_point now
)
{
    token_call sent;
    add_field(sent.form, "grant_type", "authorization_code");
    add_field(sent.form, "code", code.reveal());
    add_field(sent.form, "redirect_uri", redirect_url);
    if (of.pkce)
        add_field(sent.form, "code_verifier", verifier.reveal());
    sent.secrets.push_back(std::move(code));
    sent.secrets.push_back(std::move(verifier));
    return call(http, std::move(of), std::move(sent), now);
}

boost::asio::awaitable<token_answer> refresh(
    http_client& http, client of, secret refresh_token, time_point now
)
{
    token_call sent;
    add_field(sent.form, "grant_type", "refresh_token");
    add_field(sent.form, "refresh_token", refresh_token.reveal());
    sent.secrets.push_back(std::move(refresh_token));
    return call(http, std::move(of), std::move(sent), now);
}

boost::asio::awaitable<token_answer> grant_client_credentials(http_client& http, client of, time_point now)
{
    token_call sent;
    add_field(sent.form, "grant_type", "client_credentials");
    if (!of.scopes.empty())
        add_field(sent.form, "scope", of.scopes);
    return call(http, std::move(of), std::move(sent), now);
}

boost::asio::awaitable<result<>> revoke(http_client& http, client of, secret token)
{
    if (of.revoke_url.empty())
        co_return error(errc::invalid, "the service has no endpoint that revokes tokens");
    std::string form;
    add_field(form, "token", token.reveal());
    auto request = request_of(of, of.revoke_url, std::move(form));
    auto ended = co_await http.send(std::move(request), call_options());
    auto said = read_exchange(ended, of.dialect, time_point());
    bool const is_good =
        ended.fate == exchange_fate::answered && ended.response.status >= 200 && ended.response.status < 300;
    // Slack refuses with status 200.
    if (is_good && (of.dialect != token_dialect::slack || said.error_code.empty()))
        co_return result<>();
    std::vector<secret> hidden;
    hidden.push_back(std::move(token));
    hidden.push_back(std::move(of.client_secret));
    hide(said, ended, of.dialect, hidden);
    bool const is_later = said.fate == token_fate::unavailable || said.fate == token_fate::unknown;
    co_return error(
        is_later ? errc::unavailable : errc::unauthorized, "the token is not revoked: " + said.words
    );
}

token_answer read_exchange(exchange const& ended, token_dialect dialect, time_point asked_at)
{
    switch (ended.fate)
    {
        case exchange_fate::answered:
            return read_answered(ended.response, dialect, asked_at);
        case exchange_fate::not_sent:
            return {token_fate::unavailable, "not sent: " + ended.reason};
        case exchange_fate::cancelled:
            return {token_fate::unavailable, "not sent: linkspan is stopping"};
        case exchange_fate::unknown:
            break;
    }
    return {token_fate::unknown, "sent, but no answer: " + ended.reason};
}

}  // namespace linkspan::oauth
