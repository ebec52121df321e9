#include "tests/support/template_peer.hpp"

#include "links/registry.hpp"
#include "tests/support/run_loop.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace linkspan::test
{
namespace
{

std::string replaced(std::string text, std::string_view what, std::string_view by)
{
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
    return text;
}

// A template's function run against one peer.
struct template_run
{
    boost::asio::io_context loop{1};
    template_peer peer;

    template_run(std::vector<expected_call> calls, peer_refusal refusal)
        : peer(loop, std::move(calls), std::move(refusal))
    {
    }

    result<link_identity> identify(template_case const& of, std::string const& url)
    {
        return ask_identity(of, loop, url);
    }
};

// What of a secret may not be repeated: of a URL its last segment and the values of its query.
std::vector<std::string> secret_parts(std::string_view value)
{
    if (!value.starts_with("http"))
        return {std::string(value)};
    std::vector<std::string> out;
    constexpr std::size_t word_bytes_max = 10;  // "messages", "invoke"
    auto const query = std::min(value.find('?'), value.size());
    for (std::size_t at = value.rfind('/', query) + 1; at < value.size();)
    {
        auto const end = std::min(value.find_first_of("?&", at), value.size());
        auto part = value.substr(at, end - at);
        part.remove_prefix(at < query ? 0 : part.find('=') + 1);
        if (part.size() > word_bytes_max)
            out.emplace_back(part);
        at = end + 1;
    }
    return out;
}

std::vector<std::string> secrets_of(template_case const& of)
{
    std::vector<std::string> out;
    for (auto const& [name, value] : fields_of(of, "http://-"))
    {
        bool is_secret = name == "access_token";
        for (auto const& field : find_template(of.name)->fields)
            is_secret = is_secret || (field.name == name && field.is_secret);
        if (is_secret && !value.empty())
            for (auto& part : secret_parts(value.reveal()))
                out.push_back(std::move(part));
    }
    return out;
}

// Nor the beginning of one, which is what is left of it where a text was cut.
void expect_no_secret(template_case const& of, std::string_view text)
{
    constexpr std::size_t beginning = 10;
    for (auto const& part : secrets_of(of))
        EXPECT_EQ(text.find(part.substr(0, beginning)), text.npos)
            << of.name << " repeats a secret: " << text;
}

void expect_error(template_case const& of, result<link_identity> const& said, errc code, char const* when)
{
    ASSERT_FALSE(said.has_value()) << of.name << " " << when << ": " << said->account;
    EXPECT_EQ(said.error().code, code) << of.name << " " << when << ": " << said.error().message;
    EXPECT_FALSE(said.error().message.empty()) << of.name << " " << when;
    expect_no_secret(of, said.error().message);
}

void expect_right(template_case const& of)
{
    template_run at(of.calls, of.refusal);
    auto const said = at.identify(of, at.peer.url());
    for (auto const& fault : at.peer.faults())
        ADD_FAILURE() << of.name << ": " << fault;
    ASSERT_TRUE(said.has_value()) << of.name << ": " << said.error().message;
    EXPECT_EQ(at.peer.answered(), of.calls.size()) << of.name;
    EXPECT_EQ(said->account, of.account) << of.name;
    EXPECT_EQ(said->credential, of.kind) << of.name;
    EXPECT_EQ(said->scopes, of.scopes) << of.name;
    std::map<std::string, std::string> facts;
    for (auto const& [name, value] : of.facts)
        facts[name] = at.peer.filled(value);
    EXPECT_EQ(said->facts, facts) << of.name;
    std::optional<time_point> told;
    if (of.tells_time)
        told = template_test_now - seconds(2);
    EXPECT_TRUE(said->service_time == told) << of.name << " misreads the Date of the service";
    expect_no_secret(of, said->account);
    for (auto const& [name, value] : said->facts)
        expect_no_secret(of, value);
}

void expect_refusals(template_case const& of)
{
    auto other = of;
    auto& value = other.fields.at(of.credential);
    if (of.wrong_value.empty())
        value.back() = value.back() == 'x' ? 'y' : 'x';
    else
        value = of.wrong_value;
    template_run altered(of.calls, of.refusal);
    auto const refused = altered.identify(other, altered.peer.url());
    expect_error(other, refused, errc::unauthorized, "with a wrong credential");
    template_run moved(of.calls, of.refusal);
    auto const lost = moved.identify(of, moved.peer.url("/elsewhere"));
    expect_error(of, lost, errc::not_found, "at a wrong path");
}

bool is_sent(expected_call const& call, std::string_view part)
{
    auto const has_part = [&](http_header const& header)
    { return header.value.find(part) != std::string::npos; };
    return !call.secret_end.empty() || std::ranges::any_of(call.credential, has_part);
}

// A service that repeats what it was sent, whole or where the text is cut.
void expect_silence(template_case const& of)
{
    for (auto const& part : secrets_of(of))
        for (std::size_t const before : {0U, 285U, 295U})
        {
            auto calls = of.calls;
            if (!is_sent(calls.front(), part))
                continue;
            calls.front().status = 400;
            calls.front().answer = R"({"message":")" + std::string(before, '-') + " " + part + "\"}";
            calls.front().answer_headers.clear();
            template_run echoing(calls, of.refusal);
            auto const said = echoing.identify(of, echoing.peer.url());
            ASSERT_FALSE(said.has_value()) << of.name;
            expect_no_secret(of, said.error().message);
        }
}

void expect_broken_services(template_case const& of)
{
    auto calls = of.calls;
    calls.front().status = 503;
    calls.front().answer = R"({"message":"Down for maintenance"})";
    template_run down(calls, of.refusal);
    auto const broken = down.identify(of, down.peer.url());
    expect_error(of, broken, of.where_broken, "from a service that is down");
    if (of.takes_any_answer)
        return;
    calls.front().status = 200;
    calls.front().answer_headers.clear();
    auto foreign_answers = of.foreign_answers;
    foreign_answers.emplace_back("<html><h1>Sign in to the guest network</h1></html>");
    for (auto const& foreign : foreign_answers)
    {
        // Where a list is expected, an empty one is an answer.
        if (foreign == "[]" && of.calls.front().answer.starts_with('['))
            continue;
        calls.front().answer = foreign;
        template_run elsewhere(calls, of.refusal);
        auto const said = elsewhere.identify(of, elsewhere.peer.url());
        ASSERT_FALSE(said.has_value()) << of.name << " takes this for an identity: " << foreign;
        EXPECT_NE(said.error().code, errc::unauthorized) << of.name << ": " << said.error().message;
        expect_no_secret(of, said.error().message);
    }
}

}  // namespace

template_peer::template_peer(
    boost::asio::io_context& loop, std::vector<expected_call> calls, peer_refusal refusal
)
    : calls_(std::move(calls)),
      refusal_(std::move(refusal)),
      peer_(loop, [this](peer_request const& seen) { return judge(seen.request); })
{
}

std::string template_peer::filled(std::string text) const
{
    return replaced(std::move(text), "{peer}", peer_.url(""));
}

std::string template_peer::say(int status, std::string_view body, std::vector<http_header> const& headers)
    const
{
    std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Scripted\r\nDate: ";
    bytes += peer_date;
    for (auto const& header : headers)
        bytes += "\r\n" + header.name + ": " + filled(header.value);
    if (find_header(headers, "Content-Type").empty())
        bytes += "\r\nContent-Type: application/json";
    bytes += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return bytes.append(body);
}

std::string template_peer::fault_of_headers(http_request const& seen, std::vector<http_header> const& wanted)
    const
{
    for (auto const& header : wanted)
        if (auto const given = find_header(seen.headers, header.name); given != filled(header.value))
            return seen.target + ": " + header.name + " is \"" + std::string(given) + "\"";
    return {};
}

peer_action template_peer::judge(http_request const& seen)
{
    auto const refuse = [&](int status, std::string_view body, std::string why)
    {
        faults_.push_back(std::move(why));
        return peer_action(say(status, body, {}), peer_action::ending::keep);
    };
    constexpr std::string_view no_page = R"({"message":"Not Found"})";
    if (answered_ == calls_.size())
        return refuse(404, no_page, "one call too many: " + seen.method + " " + seen.target);
    auto const& wanted = calls_[answered_];
    auto const target = filled(wanted.target);
    bool const is_secret_wrong = !wanted.secret_end.empty() && seen.target.starts_with(target) &&
                                 seen.target != target + wanted.secret_end;
    if (is_secret_wrong)
        return refuse(refusal_.status, refusal_.body, "a wrong end of the URL: " + seen.target);
    if (seen.target != target + wanted.secret_end)
        return refuse(404, no_page, "not " + target + ": " + seen.target);
    if (seen.method != wanted.method)
        return refuse(405, R"({"message":"Method Not Allowed"})", seen.target + ": method " + seen.method);
    if (auto fault = fault_of_headers(seen, wanted.credential); !fault.empty())
        return refuse(refusal_.status, refusal_.body, std::move(fault));
    if (wanted.is_proven && !wanted.is_proven(seen))
        return refuse(refusal_.status, refusal_.body, seen.target + ": no proof: " + seen.body);
    if (auto fault = fault_of_headers(seen, wanted.headers); !fault.empty())
        return refuse(400, R"({"message":"Bad Request"})", std::move(fault));
    if (wanted.is_body && !wanted.is_body(seen.body))
        return refuse(400, R"({"message":"Bad Request"})", seen.target + ": body " + seen.body);
    ++answered_;
    return peer_action(
        say(wanted.status, filled(wanted.answer), wanted.answer_headers), peer_action::ending::keep
    );
}

link_fields fields_of(template_case const& of, std::string const& peer_url)
{
    link_fields fields;
    for (auto const& [name, value] : of.fields)
        fields[name] = secret(replaced(value, "{peer}", peer_url));
    return fields;
}

result<link_identity> ask_identity(
    template_case const& of, boost::asio::io_context& loop, std::string const& peer_url
)
{
    auto const& kind = *find_template(of.name);
    auto fields = fields_of(of, peer_url);
    if (kind.check != nullptr)
    {
        auto const fit = kind.check(fields);
        EXPECT_TRUE(fit.has_value()) << of.name << ": " << (fit ? "" : fit.error().message);
    }
    http_client client(loop);
    link_services services(client, [] { return template_test_now; });
    auto const ask = kind.identify != nullptr ? kind.identify : kind.post_test;
    return run(loop, ask(services, std::move(fields)));
}

void expect_identity(template_case const& of)
{
    auto const* const kind = find_template(of.name);
    ASSERT_NE(kind, nullptr) << of.name;
    ASSERT_TRUE(kind->identify != nullptr || kind->post_test != nullptr) << of.name;
    ASSERT_FALSE(of.calls.empty()) << of.name;
    expect_right(of);
    expect_refusals(of);
    expect_silence(of);
    expect_broken_services(of);
}

}  // namespace linkspan::test
