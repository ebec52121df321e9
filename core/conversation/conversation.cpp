#include "core/conversation/conversation.hpp"

namespace linkspan
{

std::vector<std::string> conversations_of(event const& happening)
{
    std::string place = happening.instance;
    if (!happening.repository)
        return {place};
    place += "/" + happening.repository->id;
    std::vector<std::string> out;
    if (auto const* status = std::get_if<build>(&happening.detail))
        for (auto const id : status->pull_requests)
            out.push_back(place + "/" + std::to_string(id));
    if (out.empty() && happening.pull_request)
        out.push_back(place + "/" + std::to_string(happening.pull_request->id));
    if (out.empty())
        out.push_back(place);
    return out;
}

}  // namespace linkspan
