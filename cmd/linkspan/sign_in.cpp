#include "cmd/linkspan/sign_in.hpp"

#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/sign_in_page.hpp"
#include "cmd/linkspan/token_words.hpp"
#include "core/base/request_target.hpp"
#include "store/grants.hpp"
#include "store/uses.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

namespace asio = boost::asio;

// Each sign-in has a cookie of its own, so that two of one browser do not meet: a part of the state's hash
// names it.
constexpr std::string_view cookie_prefix = "linkspan_sign_in_";
constexpr std::size_t cookie_hash_bytes = 16;
constexpr std::size_t installation_id_bytes_max = 20;
// The field of a GitHub app's link that holds where it is installed.
constexpr std::string_view installation_field = "install_id";

int status_of_fault(errc code)
{
    switch (code)
    {
        case errc::invalid:
            return 400;
        case errc::unauthorized:
            return 403;
        case errc::not_found:
            return 404;
        case errc::conflict:
            return 409;
        case errc::timeout:
            return 410;
        case errc::none:
        case errc::rate_limited:
        case errc::unavailable:
        case errc::cancelled:
        case errc::internal:
            break;
    }
    return 503;
}

// Of a parameter that must stand there once.
result<std::string> only_one(request_target const& target, std::string_view name)
{
    auto const is_it = [&](query_parameter const& one) { return one.name == name; };
    auto const found = std::ranges::find_if(target.query, is_it);
    if (std::ranges::count_if(target.query, is_it) != 1 || found->value.empty())
        return error(
            errc::invalid,
            "the address has no " + std::string(name) +
                ", or more than one; open the whole URL that linkspan start-oauth prints"
        );
    return found->value;
}

std::string cookie_name_of(std::string_view state_hash)
{
    return std::string(cookie_prefix) + std::string(state_hash.substr(0, cookie_hash_bytes));
}

std::string set_cookie(std::string const& name, std::string_view value, seconds life, bool is_secure)
{
    return name + "=" + std::string(value) + "; Path=/; Max-Age=" + std::to_string(life.count()) +
           "; HttpOnly; SameSite=Lax" + (is_secure ? "; Secure" : "");
}

std::string_view trimmed(std::string_view text)
{
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

// The hash of a cookie's value (RFC 6265, 4.2); empty where the browser has sent none of this name.
std::string hash_of_cookie(http_request const& request, std::string const& name)
{
    for (auto rest = find_header(request.headers, "Cookie"); !rest.empty();)
    {
        auto const end = std::min(rest.find(';'), rest.size());
        auto const pair = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        auto const equals = pair.find('=');
        if (equals != pair.npos && pair.substr(0, equals) == name)
            return oauth::hash_of(secret(std::string(pair.substr(equals + 1))));
    }
    return {};
}

std::string words_of(std::string const& code, std::string const& words)
{
    if (words.empty() || words.find(code) != words.npos)
        return words.empty() ? code : words;
    return code.empty() ? words : code + ": " + words;
}

sign_in_end end_of(token_answer const& got)
{
    auto const words = words_of(got.error_code, got.words);
    switch (got.fate)
    {
        case token_fate::refused:
            return {
                403, "The service refused the sign-in", "the service did not take its own code: " + words};
        case token_fate::misused:
            return {
                502,
                "The link does not fit the service",
                "the service refuses this link's client: " + words +
                    "; correct the link (linkspan update-link), then sign in again"};
        case token_fate::unavailable:
            return {
                503,
                "The service gives no token now",
                "the token endpoint of the service does not work now: " + words + "; sign in again later"};
        case token_fate::granted:
        case token_fate::unknown:
            break;
    }
    return {
        504,
        "The service did not answer",
        "the token endpoint of the service gave no whole answer: " + words + "; sign in again"};
}

// Commits the end of a flow together with whatever else the step has to store.
template <class Work>
sign_in_work ending_work(flow_id id, bool is_done, std::string text, Work first)
{
    return [id, is_done, text = std::move(text), first = std::move(first)](
               transaction& tx, vault const& keys
           ) -> result<sign_in_step>
    {
        if (auto const done = first(tx, keys); !done)
            return done.error();
        if (auto const ended = end_flow(tx, id, is_done, text); !ended)
            return ended.error();
        return sign_in_step();
    };
}

result<sign_in_step> with_link(transaction& tx, vault const& keys, sign_in_step of)
{
    auto link = read_link_to_sign_in(tx, keys, of.flow.link);
    if (!link)
        return link.error();
    auto client = oauth_client_of(*link->kind, link->fields);
    if (!client)
        return client.error();
    of.link = std::move(*link);
    of.client = std::move(*client);
    return of;
}

}  // namespace

asio::awaitable<http_response> sign_in::start(http_request request)
{
    if (request.method == "HEAD")
        co_return sign_in_head();
    auto const target = parse_request_target(request.target);
    if (!target)
        co_return refuse(target.error());
    auto const id = only_one(*target, "id");
    auto const ticket = only_one(*target, "ticket");
    if (!id || !ticket)
        co_return refuse(id ? ticket.error() : id.error());
    auto const made = make_sign_in_secrets(true);
    auto const ticket_hash = oauth::hash_of(secret(*ticket));
    sign_in_work work = [link = link_id(*id),
                         ticket_hash,
                         kept = made.kept](transaction& tx, vault const& keys) -> result<sign_in_step>
    {
        auto begun = begin_flow(tx, keys, link, ticket_hash, kept);
        if (!begun)
            return begun.error();
        sign_in_step out;
        out.flow = std::move(*begun);
        return with_link(tx, keys, std::move(out));
    };
    auto const begun = co_await with_.write(std::move(work));
    if (!begun)
        co_return refuse(begun.error());
    with_.tell({true, "sign-in begun", begun->link.id.value, "", false});
    auto const& back = begun->flow.redirect_url;
    auto out =
        sign_in_redirect(service_url_of(begun->link, begun->client, back, made.state, made.kept.verifier));
    out.headers.push_back(
        {"Set-Cookie",
         set_cookie(
             cookie_name_of(made.kept.state_hash),
             made.cookie.reveal(),
             std::chrono::duration_cast<seconds>(flow_life),
             back.starts_with("https://")
         )}
    );
    co_return out;
}

asio::awaitable<http_response> sign_in::callback(http_request request)
{
    if (request.method == "HEAD")
        co_return sign_in_head();
    auto answer = read_callback(request.target);
    if (!answer)
        co_return refuse(answer.error());
    auto const cookie = cookie_name_of(oauth::hash_of(answer->state));
    auto ended = co_await finish(std::move(*answer), hash_of_cookie(request, cookie));
    if (!ended)
        co_return refuse(ended.error());
    if (ended->is_done)
        ended->text += ". You can close this page.";
    auto out = sign_in_page(ended->status, ended->heading, ended->text);
    out.headers.push_back({"Set-Cookie", set_cookie(cookie, "", seconds(0), false)});
    co_return out;
}

asio::awaitable<result<sign_in_end>> sign_in::finish_pasted(linkspan::callback answer)
{
    auto ended = co_await finish(std::move(answer), std::nullopt);
    co_return ended;
}

http_response sign_in::refuse(error const& why)
{
    with_.tell({false, "sign-in refused", "", why.message, false});
    int const status = status_of_fault(why.code);
    // What went wrong inside is for the log.
    return sign_in_page(
        status, "This is not a sign-in that waits", status == 503 ? "try again later" : why.message
    );
}

asio::awaitable<result<sign_in_end>> sign_in::finish(
    linkspan::callback answer, std::optional<std::string> cookie_hash
)
{
    sign_in_work work = [state_hash = oauth::hash_of(answer.state),
                         cookie_hash](transaction& tx, vault const& keys) -> result<sign_in_step>
    {
        auto taken = take_flow(tx, keys, state_hash, cookie_hash);
        if (!taken)
            return taken.error();
        sign_in_step out;
        out.flow = std::move(taken->flow);
        out.verifier = std::move(taken->verifier);
        return with_link(tx, keys, std::move(out));
    };
    auto taken = co_await with_.write(std::move(work));
    if (!taken)
        co_return taken.error();
    auto const of = std::make_shared<sign_in_step>(std::move(*taken));
    auto ended = co_await settle(of, std::move(answer));
    sign_in_news news;
    news.is_good = ended.is_done;
    news.what = ended.is_done ? "signed in" : "sign-in failed";
    news.link = of->link.id.value;
    news.why = ended.text;
    news.has_tokens = ended.is_done;
    with_.tell(news);
    co_return ended;
}

// From an answer that is the service's to the end of the flow, in the store too.
asio::awaitable<sign_in_end> sign_in::settle(step of, linkspan::callback answer)
{
    sign_in_end ended;
    if (!answer.error_code.empty())
        ended = {
            403, "The sign-in was refused", "the service says: " + words_of(answer.error_code, answer.words)};
    else if (of->link.kind->oauth->grant == grant_kind::installation)
        ended = co_await install(of, std::move(answer));
    else if (answer.code.empty())
        ended = {403, "The sign-in was refused", "the service sent no code"};
    else
    {
        auto got = co_await oauth::exchange_code(
            with_.services.http,
            of->client,
            std::move(answer.code),
            of->flow.redirect_url,
            of->verifier,
            with_.services.now()
        );
        ended = co_await keep(of, std::move(got));
    }
    if (ended.is_done)
        co_return ended;
    auto const nothing = [](transaction&, vault const&) { return result<>(); };
    auto const stored = co_await with_.write(ending_work(of->flow.id, false, ended.text, nothing));
    if (!stored)
        with_.tell({false, "end of a sign-in not stored", of->link.id.value, stored.error().message, false});
    co_return ended;
}

// A GitHub app: where it is installed is a field of the link, and what gets its tokens.
asio::awaitable<sign_in_end> sign_in::install(step of, linkspan::callback answer)
{
    auto const& id = answer.installation_id;
    if (id.empty() && answer.setup_action == "request")
        co_return sign_in_end(
            202,
            "The installation waits",
            "the installation waits for an owner's approval; once it is approved, sign in again"
        );
    bool const is_number = !id.empty() && id.size() <= installation_id_bytes_max &&
                           std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number || of->link.kind->oauth->obtain == nullptr)
        co_return sign_in_end(403, "The sign-in was refused", "the service names no installation");
    of->link.fields.insert_or_assign(std::string(installation_field), secret(id));
    auto got = co_await of->link.kind->oauth->obtain(with_.services, of->link.fields);
    auto ended = co_await keep(of, std::move(got));
    co_return ended;
}

// Tokens are committed before anything is done with them.
asio::awaitable<sign_in_end> sign_in::keep(step of, token_answer got)
{
    bool const is_cut =
        is_resting_ && (got.fate == token_fate::unknown || got.fate == token_fate::unavailable);
    if (is_cut)
        co_return sign_in_end(
            503,
            "The sign-in was cut off",
            "linkspan was stopped before the service had answered; sign in again"
        );
    if (got.fate != token_fate::granted)
        co_return end_of(got);
    // An installation and its first token come together: old tokens never stand beside a new installation.
    secret installation;
    if (of->link.kind->oauth->grant == grant_kind::installation)
        installation = of->link.fields[std::string(installation_field)];
    auto const is_gone = std::make_shared<bool>(false);
    sign_in_work const work = [link = of->link.id, tokens = got.tokens, installation, is_gone](
                                  transaction& tx, vault const& keys
                              ) -> result<sign_in_step>
    {
        auto const row = find_link(tx, link.value);
        *is_gone = !row && row.error().code == errc::not_found;
        if (!row)
            return row.error();
        sign_in_step out;
        if (!installation.empty())
            if (auto const put = put_field(tx, keys, link, installation_field, installation); !put)
                return put.error();
        auto const generation = put_consent(tx, keys, link, tokens);
        if (!generation)
            return generation.error();
        out.generation = *generation;
        auto facts = tokens.facts;
        facts[std::string(question_fact)].clear();
        if (auto const put = put_facts(tx, link, facts); !put)
            return put.error();
        return out;
    };
    auto stored = co_await with_.write(work);
    // The code is spent: what it got is kept in memory until the store takes it.
    for (int tries = 1; !stored && !*is_gone && may_pass(stored.error().code); ++tries)
    {
        if (tries == sign_in_store_tries_max)
            break;
        if (tries == 1)
            with_.tell(
                {false, "tokens of a sign-in not stored", of->link.id.value, stored.error().message, false}
            );
        co_await with_.clock.wait_until(with_.clock.now() + store_wait);
        stored = co_await with_.write(work);
    }
    if (!stored)
        co_return sign_in_end(
            503, "The tokens were not kept", "they could not be stored: " + stored.error().message
        );
    of->generation = stored->generation;
    // At once: what was there before may be somebody else's, and who this is may take its time.
    with_.tell({true, "sign-in has tokens", of->link.id.value, "", true});
    auto ended = co_await identify(of, std::move(got.tokens));
    co_return ended;
}

// Asks who authorized. A service that does not say leaves the link signed in all the same.
asio::awaitable<sign_in_end> sign_in::identify(step of, token_set tokens)
{
    result<link_identity> who = link_identity();
    auto const ask =
        is_resting_ ? nullptr : of->link.kind->identify;  // it may take its time, and a stop has none
    if (ask != nullptr)
    {
        auto fields = of->link.fields;
        fields.insert_or_assign("access_token", tokens.access_token);
        who = co_await ask(with_.services, std::move(fields));
    }
    std::map<std::string, std::string> facts;
    if (who && ask != nullptr)
    {
        facts = who->facts;
        facts["account"] = who->account;
        facts["credential"] = who->credential;
    }
    auto const name =
        who && !who->account.empty() ? who->account : std::string("the service did not say who");
    sign_in_end out(200, "Signed in", name + " authorized link " + called(of->link));
    out.is_done = true;
    auto scopes = tokens.scopes;
    if (scopes.empty() && who && who->scopes)
        scopes = *who->scopes;
    if (!scopes.empty())
        out.text += "; granted: " + scopes;
    if (!who)
        out.text += "; but asked who that is, the service answers: " + who.error().message;
    bool const has_worked = ask != nullptr && who.has_value();
    auto const first = [link = of->link.id,
                        facts,
                        generation = of->generation,
                        has_worked](transaction& tx, vault const&) -> result<>
    {
        if (auto const put = put_facts(tx, link, facts); !put)
            return put;
        return has_worked ? mark_worked(tx, link, generation) : result<>();
    };
    auto const stored = co_await with_.write(ending_work(of->flow.id, true, out.text, first));
    if (!stored)
        with_.tell({false, "end of a sign-in not stored", of->link.id.value, stored.error().message, false});
    co_return out;
}

}  // namespace linkspan
