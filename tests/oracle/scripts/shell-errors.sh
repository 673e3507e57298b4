# board: q35
# proves: words and status of the errors scripts meet
nosuchcommand; echo $?
cat /nowhere; echo $?
ls /nowhere; echo $?
cd /nowhere; echo $?
echo x > /nowhere/x; echo $?
grep x /nowhere; echo $?
head -1 /nowhere; echo $?
test a -eq 1; echo $?
