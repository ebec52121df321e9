// The readers of both editions and what follows from readings. An input is one delivery, or several with the
// byte 0x1E between them, which one memory takes in their order. The first line of a delivery is "EDITION
// EVENT_KEY [TIME]" (the X-Event-Time header, RFC 3339), the rest its body.
#include "core/bitbucket/event_memory.hpp"
#include "core/event/json.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace linkspan;

namespace
{

void hold(bool invariant, char const* what)
{
    if (invariant)
        return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

inbound delivery_of(std::string_view text)
{
    inbound delivery;
    auto const end = std::min(text.find('\n'), text.size());
    auto const head = text.substr(0, end);
    auto const blank = std::min(head.find(' '), head.size());
    delivery.edition = head.substr(0, blank) == "cloud" ? edition::cloud : edition::data_center;
    auto const key = head.substr(std::min(blank + 1, head.size()));
    auto const key_end = std::min(key.find(' '), key.size());
    delivery.event_key = key.substr(0, key_end);
    delivery.event_time = parse_time(key.substr(std::min(key_end + 1, key.size())));
    delivery.body = text.substr(std::min(end + 1, text.size()));
    delivery.origin = is_asked_key(delivery.event_key) ? event_origin::poll : event_origin::webhook;
    return delivery;
}

void hold_events(std::vector<event> const& events)
{
    for (auto one : events)
    {
        one.id = event_id("01890000-0000-7000-8000-000000000000");
        auto const start = one.instance + ":" + std::string(name_of(one.kind)) + ":";
        hold(one.key.starts_with(start), "a key begins with the instance and the kind");
        auto const written = to_json_text(one);
        auto const again = event_from_json(written);
        hold(again.has_value(), "an event that was written can be read");
        hold(to_json_text(*again) == written, "nothing of an event is lost");
    }
}

void hold_refusal(error const& refused)
{
    hold(refused.code == errc::invalid || refused.code == errc::not_found, "the code of a refusal");
    hold(!refused.message.empty(), "a refusal has a reason");
    hold(
        refused.code != errc::invalid || refused.message.starts_with('/') ||
            refused.message.starts_with("the body"),
        "a refusal names the member"
    );
}

digest_context context_of(inbound const& delivery)
{
    digest_context context;
    context.edition = delivery.edition;
    context.instance = delivery.edition == edition::cloud ? "bitbucket.org" : "https://bitbucket.example";
    context.received_at = from_milliseconds(1'800'000'000'000);
    return context;
}

void hold_stored_forms(reading const& said, digest_context const& context)
{
    auto const made = digest(said, known_state(), context);
    hold(made.snapshot.has_value() == said.pull_request.has_value(), "what was told of is remembered");
    hold(made.comment.has_value() == said.comment.has_value(), "and so is a comment");
    if (made.snapshot)
    {
        auto const text = to_json_text(*made.snapshot);
        auto const stored = snapshot_from_json(text);
        hold(stored.has_value() && to_json_text(*stored) == text, "a snapshot outlives the store");
    }
    auto comments = made.comments;
    if (made.comment)
        comments.push_back(*made.comment);
    for (auto const& one : comments)
    {
        auto const stored = comment_snapshot_from_json(to_json_text(one));
        hold(stored.has_value() && *stored == one, "a comment's state outlives the store");
    }
}

void take(event_memory& memory, std::string_view text)
{
    auto const delivery = delivery_of(text);
    auto const said = read_delivery(delivery);
    if (!said)
        return hold_refusal(said.error());
    auto const context = context_of(delivery);
    hold_stored_forms(*said, context);
    hold_events(memory.take(*said, context));
    hold(memory.take(*said, context).empty(), "a delivery that comes twice says nothing new");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    static constexpr char between = 0x1E;
    std::string_view rest(reinterpret_cast<char const*>(data), size);
    event_memory memory;
    for (;;)
    {
        auto const end = rest.find(between);
        take(memory, rest.substr(0, end));
        if (end == rest.npos)
            return 0;
        rest.remove_prefix(end + 1);
    }
}
