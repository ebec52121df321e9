#include "cmd/linkspan/audit.hpp"

#include "cmd/linkspan/profile_store.hpp"

#include <pwd.h>
#include <unistd.h>

namespace linkspan
{
namespace
{

// LOGNAME is not asked: whoever runs the command may set it.
std::string effective_user()
{
    auto const user = ::geteuid();
    auto const* known = ::getpwuid(user);
    if (known != nullptr && known->pw_name != nullptr && *known->pw_name != '\0')
        return known->pw_name;
    return "user " + std::to_string(user);
}

}  // namespace

std::string actor_of(std::string_view command)
{
    return std::string(command) + " by " + effective_user();
}

link_use use_by(
    std::string_view command, link_row const& link, std::string_view action, std::string_view detail
)
{
    link_use use;
    use.link = link.id;
    use.label = name_of(link);
    use.actor = actor_of(command);
    use.action = action;
    use.detail = detail;
    return use;
}

}  // namespace linkspan
