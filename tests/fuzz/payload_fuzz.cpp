// The readers of both editions and what follows from a reading. The first line of an input is "EDITION
// EVENT_KEY", the rest is the body of the delivery.
#include "core/bitbucket/digest.hpp"
#include "core/event/json.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
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
    delivery.event_key = head.substr(std::min(blank + 1, head.size()));
    delivery.body = text.substr(std::min(end + 1, text.size()));
    return delivery;
}

void hold_events(std::vector<event> const& events)
{
    for (auto one : events)
    {
        one.id = event_id("01890000-0000-7000-8000-000000000000");
        hold(!one.key.empty(), "an event has a key");
        auto const written = to_json_text(one);
        auto const again = event_from_json(written);
        hold(again.has_value(), "an event that was written can be read");
        hold(to_json_text(*again) == written, "nothing of an event is lost");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size)
{
    auto const delivery = delivery_of(std::string_view(reinterpret_cast<char const*>(data), size));
    auto const said = read_delivery(delivery);
    if (!said)
    {
        auto const refused = said.error();
        hold(refused.code == errc::invalid || refused.code == errc::not_found, "the code of a refusal");
        hold(refused.code != errc::invalid || refused.message.starts_with('/'), "a refusal names the member");
        return 0;
    }

    digest_context context;
    context.edition = delivery.edition;
    context.instance = "bitbucket.example";
    context.received_at = from_milliseconds(1'800'000'000'000);
    known_state known;
    auto const first = digest(*said, known, context);
    hold_events(first.events);
    hold(first.snapshot.has_value() || !said->pull_request, "a pull request that was told of is remembered");
    if (!first.snapshot)
        return 0;

    auto const stored = snapshot_from_json(to_json_text(*first.snapshot));
    hold(
        stored.has_value() && to_json_text(*stored) == to_json_text(*first.snapshot),
        "a snapshot outlives the store"
    );
    // Both editions send the list of participants in every body; without it, a review cannot be compared.
    if (!said->pull_request->participants)
        return 0;
    known.snapshot = *stored;
    std::set<std::string> keys;
    for (auto const& one : first.events)
        keys.insert(one.key);
    for (auto const& one : digest(*said, known, context).events)
        hold(keys.contains(one.key), "a delivery that comes twice says nothing new");
    return 0;
}
