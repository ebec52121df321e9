#pragma once
#include "cmd/linkspan/asking_command.hpp"
#include "core/watch/hook.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// Of so many repositories the webhooks are asked for in one run: one request each.
inline constexpr std::size_t hooks_asked_max = 20;

// A repository whose webhooks are suspect, and who may ask about it.
struct suspect_hook
{
    std::string full_name;
    polled_source source;

    suspect_hook() = default;
    suspect_hook(std::string full_name, polled_source source)
        : full_name(std::move(full_name)), source(std::move(source))
    {
    }
};

struct hook_verdict
{
    hook_health health = hook_health::unknown;
    std::string why;  // a sentence's rest: "it is switched off"

    hook_verdict() = default;
    hook_verdict(hook_health health, std::string why) : health(health), why(std::move(why)) {}
};

// What is known without asking; nothing: it has to be asked.
std::optional<hook_verdict> verdict_without_asking(suspect_hook const& of);

// Asks Data Center for the webhooks of each, in their order. What cannot be asked is unknown, and says why:
// statistics need REPO_ADMIN.
std::vector<hook_verdict> ask_hooks(asking_command& with, std::vector<suspect_hook> suspects);

}  // namespace linkspan
