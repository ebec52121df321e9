#pragma once
#include "core/event/event.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// What webhooks should have told, and did not: found by looks and by catching up
// (docs/explanation/watching.md).

// Whether a webhook tells such an event. Bitbucket Cloud tells no task, and no edit within ten minutes of a
// comment's creation; Data Center no build, and no thread that is resolved; nobody that a pull request is
// opened again, and no reaction.
bool has_webhook(event const& happening);

// A webhook may be on its way for so long: what is found sooner is no gap.
inline constexpr milliseconds webhook_lateness_max{30'000};

// Found by asking, though a webhook tells such, and later than that would have come. lead: how far our clock
// is ahead of the service's.
bool is_missed(event const& happening, milliseconds lead = {});

// How far our clock is ahead of a service's, as far as its webhooks show it: none of them can have come
// before what it tells, so it is no more than the least time that one seems to have taken. Webhooks that are
// all slower than this are slow: by that our clock is not judged.
inline constexpr milliseconds clock_lead_max{300'000};
class clock_lead
{
public:
    void hear(event const& happening);
    milliseconds value() const;  // 0 or more

private:
    std::optional<milliseconds> least_;
};

// What came of one repository, and how; what was done from chat came by none of these ways. Events that no
// webhook could tell count by their path alone.
struct repository_gaps
{
    std::string instance;
    std::string repository;                   // full name
    std::array<std::int64_t, 3> by_origin{};  // webhook, poll, catch_up
    std::int64_t missed = 0;                  // of those that a webhook should have told
    std::optional<time_point> last_webhook_at;
    std::optional<time_point> last_missed_at;  // when it happened
    std::string last_missed_kind;
    milliseconds latest{0};  // how long behind its happening the latest of the missed was known

    repository_gaps() = default;
};

// lead: as above.
void count(repository_gaps& of, event const& happening, milliseconds lead = {});

enum class hook_state
{
    working,  // webhooks came, and nothing was missed
    lossy,    // something was missed, and webhooks came behind it
    silent,   // something was missed, and nothing came behind it
    unknown,  // no webhook came, and none was missed
};
std::string_view name_of(hook_state state) noexcept;  // "working"

hook_state state_of(repository_gaps const& of);

}  // namespace linkspan
