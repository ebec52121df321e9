#include "links/console/console.hpp"

#include "links/console/render.hpp"

#include <array>

namespace linkspan::console
{
namespace
{

constexpr std::array fields = {
    optional_setting("colour", "auto (where the output is a terminal), always or never", "auto"),
};

result<> check(link_fields const& given)
{
    auto const colour = value_of(given, fields, "colour");
    if (colour != "auto" && colour != "always" && colour != "never")
        return error(errc::invalid, "colour must be auto, always or never");
    return {};
}

boost::asio::awaitable<outcome> send(sink_services& services, message_request request)
{
    auto const wish = value_of(request.fields, fields, "colour");
    bool const colour = wish == "always" || (wish != "never" && services.colour);
    if (!services.print)
        co_return outcome(outcome_kind::rejected_destination, "there is no standard output to print to");
    co_return services.print(render(request.event, colour, request.story));
}

}  // namespace

constinit link_template const console_template = {
    .name = "console",
    .title = "Console",
    .purpose = "Prints the conversation on the terminal where linkspan serve runs.",
    .steps = "1. There is none: a destination of this link prints where linkspan serve runs.\n",
    .fields = fields,
    .receives = std::nullopt,
    .send = send,
    .needs_channel = false,
    .has_readers = true,
    .check = check,
};

}  // namespace linkspan::console
