# fish completion for wiretape: wiretape completion fish | source
function __wiretape_offer
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    # What follows is the command line of a server.
    if set -l dashes (contains -i -- -- $words)
        if test $dashes -eq (count $words)
            __fish_complete_command
        end
        return
    end
    switch $cur
        case --
            set -a words -
        case '-*'
            set -a words $cur
    end
    $words --generate-bash-completion 2>/dev/null
end
complete -c wiretape -a '(__wiretape_offer)'
